import { describe, expect, test } from 'vitest'
import { type CheckLog, lateness, mostHeld, withNewest, withOlder } from './check-log'
import { resultAt } from './sample'

// Results by their seconds, newest first.
function results(...seconds: number[]) {
  return seconds.map(second => resultAt(second))
}

function seconds(log: CheckLog) {
  return log.items.map(item => new Date(item.due).getUTCSeconds())
}

describe('the newest page', () => {
  test('is the log at first', () => {
    expect(withNewest(undefined, { items: results(3, 2), next: 'c' })).toEqual({
      items: results(3, 2),
      next: 'c',
    })
  })
  test('goes on top of what is known, and older ones stay', () => {
    const known = { items: results(3, 2, 1), next: 'older' }
    const log = withNewest(known, { items: results(5, 4, 3), next: 'c' })
    expect([seconds(log), log.next]).toEqual([[5, 4, 3, 2, 1], 'older'])
  })
  test('that does not reach down to what is known starts over', () => {
    const log = withNewest({ items: results(3, 2), next: 'older' }, { items: results(9, 8), next: 'c' })
    expect([seconds(log), log.next]).toEqual([[9, 8], 'c'])
  })
  test('of a log that grew too long starts over', () => {
    const items = Array.from({ length: mostHeld }, (_, i) => resultAt(mostHeld - i))
    const page = { items: [resultAt(mostHeld + 1), resultAt(mostHeld)], next: 'c' }
    expect(withNewest({ items, next: 'older' }, page)).toEqual(page)
  })
  test('without results empties the log', () => {
    expect(withNewest({ items: results(3), next: 'older' }, { items: [] })).toEqual({
      items: [],
      next: undefined,
    })
  })
})

test('an older page goes below, and what it repeats is shown once', () => {
  const log = withOlder({ items: results(5, 4), next: 'c' }, { items: results(4, 3), next: 'd' })
  expect([seconds(log), log.next]).toEqual([[5, 4, 3], 'd'])
})

test('two locations may be due at the same moment', () => {
  const other = { ...resultAt(4), location: 'other' }
  expect(withOlder({ items: results(4), next: 'c' }, { items: [other] }).items).toHaveLength(2)
})

test('lateness is from due to start', () => {
  expect(lateness({ ...resultAt(1), start: '2026-11-22T08:00:01.070Z' })).toBe(70)
  expect(lateness({ ...resultAt(1), start: undefined } as never)).toBeUndefined()
})
