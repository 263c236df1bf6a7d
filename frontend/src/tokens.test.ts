import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync('src/tokens.css', 'utf8')
const themes = ['light', 'dark'] as const
type Theme = (typeof themes)[number]

function color(name: string, theme: Theme): string {
  const [, light, dark] =
    css.match(new RegExp(`--color-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\);`)) ?? []
  const value = theme === 'light' ? light : dark
  if (!value) throw new Error(`tokens.css has no colour ${name}`)
  return value
}

// Relative luminance and contrast: WCAG 2.2, section 5.
function luminance(hex: string): number {
  const channels = [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
  const [r = 0, g = 0, b = 0] = channels.map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const texts = ['ink', 'muted', 'accent', 'up-text', 'degraded-text', 'down-text', 'unknown-text']
const grounds = ['page', 'surface', 'raised']
const fills = ['up', 'degraded', 'down', 'unknown', 'accent', 'p50', 'p95', 'p99']

describe.each(themes)('%s colours', theme => {
  test.each(texts.flatMap(text => grounds.map(ground => [text, ground] as const)))(
    '%s reads on %s',
    (text, ground) => {
      expect(contrast(color(text, theme), color(ground, theme))).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(fills)('%s stands out from the surface', fill => {
    expect(contrast(color(fill, theme), color('surface', theme))).toBeGreaterThanOrEqual(3)
  })

  test('the words of a primary button read', () => {
    expect(contrast(color('on-accent', theme), color('accent', theme))).toBeGreaterThanOrEqual(4.5)
  })
})
