import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ListView } from './arrangement'
import { EndpointStore, reorderPause } from './endpoint-store'
import { summary } from './sample'
import { useSelection } from './use-selection'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function listOfTwo() {
  const store = new EndpointStore(() => {})
  await store.refresh(async () => [summary({ id: 'a' }), summary({ id: 'b' })])
  const hook = renderHook((view: ListView) => useSelection(store, view), { initialProps: {} })
  const keys = () =>
    hook.result.current.items.map(item => (item.kind === 'endpoint' ? item.endpoint.key : item.name))
  const fail = (key: string) => {
    store.apply([{ key, health: 'down' }])
    act(() => void vi.advanceTimersByTime(reorderPause))
  }
  return { ...hook, store, keys, fail }
}

test('what goes down rises to the top', async () => {
  const { keys, fail } = await listOfTwo()
  fail('shop/b')
  expect(keys()).toEqual(['shop/b', 'shop/a'])
})

test('under the pointer rows keep their places, counters do not wait', async () => {
  const { result, keys, fail } = await listOfTwo()
  act(() => result.current.hold())
  fail('shop/b')
  expect(keys()).toEqual(['shop/a', 'shop/b'])
  expect(result.current.counts).toMatchObject({ up: 1, down: 1 })
  act(() => void vi.advanceTimersByTime(5_000))
  expect(keys()).toEqual(['shop/b', 'shop/a'])
})

test('another filter counts at once, pointer or not', async () => {
  const { result, rerender, keys, fail } = await listOfTwo()
  fail('shop/b')
  act(() => result.current.hold())
  rerender({ health: 'down' })
  expect(keys()).toEqual(['shop/b'])
})

test('slowest first follows the latencies', async () => {
  const { store, rerender, keys } = await listOfTwo()
  rerender({ sort: 'latency' })
  store.apply([
    {
      key: 'shop/b',
      health: 'up',
      last: { due: '2026-11-22T09:00:00.000Z', outcome: 'passed', duration_us: 900_000 },
    },
  ])
  expect(keys()).toEqual(['shop/a', 'shop/b'])
  act(() => void vi.advanceTimersByTime(5_000))
  expect(keys()).toEqual(['shop/b', 'shop/a'])
})
