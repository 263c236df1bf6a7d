import { expect, test } from 'vitest'
import { connectionOf, connectionWords, reunion } from './connection'

const base = { state: 'live', heard: 1, lost: false, back: 0 } as const
const now = 1_000_000

test.each([
  [{}, 'live'],
  [{ back: now - reunion + 1 }, 'reconnected'],
  [{ back: now - reunion }, 'live'],
  [{ state: 'reconnecting', lost: true }, 'reconnecting'],
  [{ state: 'polling' }, 'asking'],
  [{ state: 'polling', lost: true }, 'disconnected'],
] as const)('a freshness of %o is %s', (given, want) => {
  expect(connectionOf({ ...base, ...given }, now)).toBe(want)
})

test('a lost monitor is told of in one sentence', () => {
  const { word, rest } = connectionWords.disconnected
  expect(word + rest('12 s ago')).toBe('Disconnected, last data 12 s ago, asking again every 10 s')
  expect(word + rest(undefined)).toBe('Disconnected, asking again every 10 s')
})
