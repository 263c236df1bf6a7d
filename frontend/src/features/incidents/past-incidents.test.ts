import { expect, test } from 'vitest'
import { type IncidentPage, pastIncidents, withChange } from './past-incidents'
import { incidentSample } from './sample'

const at = (minute: number) => `2026-11-22T12:${String(minute).padStart(2, '0')}:00.000Z`
const over = (id: string, minute: number, namespace = 'shop') =>
  incidentSample({ id, namespace, started: at(minute), open: false })

const pages: IncidentPage[] = [
  { items: [incidentSample({ id: 'open', started: at(9) }), over('b', 8)], next: 'more' },
  { items: [over('a', 2), over('lab', 1, 'lab')] },
]
const ids = (given: IncidentPage[], namespace?: string) =>
  pastIncidents(given, namespace).map(incident => incident.id)

test('what is over stands by its start, newest first', () => {
  expect(ids(pages)).toEqual(['b', 'a', 'lab'])
  expect(ids(pages, 'lab')).toEqual(['lab'])
})

test('an incident that ends joins them, in its place', () => {
  expect(ids(withChange(pages, over('open', 9)))).toEqual(['open', 'b', 'a', 'lab'])
})

test('one that the pages did not hold joins too, and a later page does not double it', () => {
  const changed = withChange(pages, over('z', 0))
  expect(ids([...changed, { items: [over('z', 0)] }])).toEqual(['b', 'a', 'lab', 'z'])
})

test('of an incident that comes twice the first is the newest', () => {
  const changed = withChange(pages, { ...over('z', 0), reason: 'changed' })
  const shown = pastIncidents([...changed, { items: [{ ...over('z', 0), reason: 'old' }] }], undefined)
  expect(shown.find(incident => incident.id === 'z')?.reason).toBe('changed')
})
