import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'

const dist = join(import.meta.dirname, '..', 'dist')
const page = readFileSync(join(dist, 'index.html'), 'utf8')
const scripts = [...page.matchAll(/<script[^>]* src="([^"]+)"/g)].map(match => match[1] ?? '')

test('what a first visit loads stays within 150 KB compressed', () => {
  const sizes = scripts.map(name => statSync(join(dist, `${name}.gz`)).size)
  expect(sizes.length).toBeGreaterThan(0)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(150 * 1024)
})

test('each script has a brotli neighbour, smaller than gzip', () => {
  for (const name of scripts) {
    expect(statSync(join(dist, `${name}.br`)).size).toBeLessThan(statSync(join(dist, `${name}.gz`)).size)
  }
})

test('the page has no script and no style in itself', () => {
  expect(page).not.toMatch(/<style|style=|<script(?![^>]* src=)/)
})
