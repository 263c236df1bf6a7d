import { expect, test } from 'vitest'
import { watchedKeys } from './watched-keys'

const keys = Array.from({ length: 1_000 }, (_, index) => `shop/${index}`)

test('those in sight come first, then their neighbours', () => {
  expect(watchedKeys(keys.slice(0, 6), 2, 3)).toEqual([
    'shop/2',
    'shop/3',
    'shop/4',
    'shop/1',
    'shop/5',
    'shop/0',
  ])
})

test('120 are enough, on both sides', () => {
  const watched = watchedKeys(keys, 500, 519)
  expect(watched).toHaveLength(120)
  expect(watched).toContain('shop/451')
  expect(watched).toContain('shop/568')
})

test('long keys are fewer, so that the URL stays short', () => {
  const long = keys.map(key => key.padEnd(160, 'x'))
  expect(watchedKeys(long, 0, 30).map(encodeURIComponent).join(',').length).toBeLessThanOrEqual(6_000)
})

test('nothing in sight, nothing watched', () => {
  expect(watchedKeys([], 0, -1)).toEqual([])
})
