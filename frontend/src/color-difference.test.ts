import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { difference, toLab, visions } from './color-difference'

const css = readFileSync('src/tokens.css', 'utf8')
const healths = ['up', 'degraded', 'down', 'unknown']
const pairs = healths.flatMap((one, at) => healths.slice(at + 1).map(other => [one, other] as const))

function color(name: string, theme: 'light' | 'dark'): string {
  const [, light, dark] =
    css.match(new RegExp(`--color-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\);`)) ?? []
  const value = theme === 'light' ? light : dark
  if (!value) throw new Error(`tokens.css has no colour ${name}`)
  return value
}

// Pairs 1, 7, 17 and 25 of the data that Sharma, Wu and Dalal publish with the formula.
test.each([
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
] as const)('the difference of %o and %o is %d', (one, other, want) => {
  expect(difference(one, other)).toBeCloseTo(want, 3)
  expect(difference(other, one)).toBeCloseTo(want, 3)
})

test('white is white in every vision', () => {
  for (const vision of visions) expect(difference(toLab('#ffffff', vision), [100, 0, 0])).toBeLessThan(0.1)
})

describe.each(['light', 'dark'] as const)('%s fills', theme => {
  describe.each(visions)('in %s vision', vision => {
    test.each(pairs)('%s and %s differ', (one, other) => {
      const seen = difference(toLab(color(one, theme), vision), toLab(color(other, theme), vision))
      expect(seen).toBeGreaterThanOrEqual(20)
    })
  })
})
