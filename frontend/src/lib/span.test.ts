import { expect, test } from 'vitest'
import { parseSpan } from './span'

test.each([
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1.5s', 1_500],
  ['250µs', 0.25],
  ['24h', 86_400_000],
  ['1.2.3s', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('the span %s', (text, want) => {
  expect(parseSpan(text)).toBe(want)
})
