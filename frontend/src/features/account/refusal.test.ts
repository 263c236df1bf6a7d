import { expect, test } from 'vitest'
import { placesOf, refusal } from './refusal'

const at = (file: string, line: number) => ({ file, line, column: 1 })

test('one file with faults', () => {
  const places = [at('monitor.yaml', 3), at('monitor.yaml', 12), at('monitor.yaml', 12)]
  const refused = { source: 'monitor.yaml', faults: 3, places }
  expect(refusal(refused)).toBe('monitor.yaml has 3 faults; the earlier definitions stay in force.')
  expect(placesOf(refused)).toBe('In lines 3, 12.')
  expect(refusal({ ...refused, faults: 1 })).toContain('has 1 fault;')
})

test('a folder with faults in two of its files, more than are listed', () => {
  const refused = { source: 'endpoints', faults: 40, places: [at('a.yaml', 3), at('b.yml', 0)] }
  expect(placesOf(refused)).toBe('In a.yaml line 3; b.yml (as a whole) and further on.')
})

test('what could not be read at all has no places', () => {
  const refused = { source: 'monitor.yaml', faults: 0, places: [] }
  expect(refusal(refused)).toBe('monitor.yaml could not be taken up; the earlier definitions stay in force.')
  expect(placesOf(refused)).toBe('')
})
