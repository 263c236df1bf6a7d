import { expect, test } from 'vitest'
import { formatAge, formatLag, formatMicros, formatSpan } from './format'

test.each([
  [0, '0 µs'],
  [840, '840 µs'],
  [12_400, '12 ms'],
  [999_499, '999 ms'],
  [999_500, '1.0 s'],
  [1_340_000, '1.3 s'],
  [30_000_000, '30 s'],
])('%d µs reads %s', (us, want) => {
  expect(formatMicros(us)).toBe(want)
})

test.each([
  [-5, '0 s'],
  [4_900, '4 s'],
  [60_000, '1 min'],
  [725_000, '12 min 5 s'],
  [3_605_000, '1 h'],
  [183_600_000, '2 d 3 h'],
])('%d ms reads %s', (ms, want) => {
  expect(formatSpan(ms)).toBe(want)
})

test('a moment ahead of the local clock is just now', () => {
  expect(formatAge(2_000, 1_000)).toBe('just now')
  expect(formatAge(1_000, 5_000)).toBe('4 s ago')
})

test.each([
  [8, '8 ms'],
  [1_250, '1.3 s'],
  [725_000, '12 min 5 s'],
  [-3, '0 µs'],
])('a lag of %d ms reads %s', (ms, want) => {
  expect(formatLag(ms)).toBe(want)
})
