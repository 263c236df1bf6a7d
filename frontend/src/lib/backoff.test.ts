import { expect, test } from 'vitest'
import { backoff } from './backoff'

test('a planned end waits about the time that the server asked for', () => {
  expect(backoff(0, 2_000, () => 0.5)).toBe(2_000)
})

test('each failure doubles the wait, up to 30 s', () => {
  expect([1, 2, 3, 20].map(failures => backoff(failures, 2_000, () => 0.5))).toEqual([
    2_000, 4_000, 8_000, 30_000,
  ])
})

test('pages spread over half to one and a half times the wait', () => {
  expect([0, 1].map(value => backoff(1, 2_000, () => value))).toEqual([1_000, 3_000])
})
