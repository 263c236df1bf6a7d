import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EndpointStore, reorderPause } from './endpoint-store'
import type { EndpointFilters } from './filters'
import { summary } from './sample'
import { useSelection } from './use-selection'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function listOfTwo() {
  const store = new EndpointStore(() => {})
  await store.refresh(async () => [summary({ id: 'a' }), summary({ id: 'b' })])
  const hook = renderHook((filters: EndpointFilters) => useSelection(store, filters), { initialProps: {} })
  const keys = () => hook.result.current.rows.map(row => row.key)
  const fail = (key: string) => {
    store.apply([{ key, health: 'down' }])
    act(() => void vi.advanceTimersByTime(reorderPause))
  }
  return { ...hook, keys, fail }
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
