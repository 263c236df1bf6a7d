import { expect, test } from 'vitest'
import { parseIncidentFilters, rangeStart } from './incident-filters'

test('a URL with nonsense in it filters nothing', () => {
  expect(parseIncidentFilters({ namespace: '', show: 'closed', range: 'toString', other: 1 })).toEqual({})
  const given = { namespace: 'shop', show: 'open', range: '7d' }
  expect(parseIncidentFilters(given)).toEqual(given)
})

test('a range reaches back from now', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  expect(rangeStart('7d', now)).toBe('2026-11-15T12:00:00.000Z')
  expect(rangeStart(undefined, now)).toBeUndefined()
})
