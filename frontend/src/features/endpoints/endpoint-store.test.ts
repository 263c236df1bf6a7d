import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EndpointSummary, LiveEndpoint, LiveResult } from '@/api/types'
import { EndpointStore, reorderPause } from './endpoint-store'
import { summary } from './sample'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const key = 'shop/checkout'

/** A result of shop/checkout, so many seconds after the one of the snapshot. */
function result(seconds: number, letter: LiveEndpoint['letter'] = 'p'): LiveEndpoint {
  const due = new Date(Date.parse('2026-11-22T08:30:00Z') + seconds * 1_000).toISOString()
  return { key, health: 'up', letter: letter ?? 'p', last: { due, outcome: 'passed', duration_us: 9_000 } }
}

async function loaded(item: Parameters<typeof summary>[0]) {
  const frames: (() => void)[] = []
  const store = new EndpointStore(flush => frames.push(flush))
  await store.refresh(async () => [summary(item)])
  const frame = () => {
    for (const flush of frames.splice(0)) flush()
  }
  frame()
  return { store, frames, frame }
}

describe('a result', () => {
  test('adds a cell and becomes the last one', async () => {
    const { store } = await loaded({ recent: 'pp' })
    store.apply([result(10, 'f')])
    expect(store.get(key)).toMatchObject({ recent: 'ppf', last: { duration_us: 9_000 } })
  })

  test('that comes twice adds one cell', async () => {
    const { store } = await loaded({ recent: 'pp' })
    store.apply([result(10, 'f')])
    store.apply([result(10, 'f'), result(0, 'f')])
    expect(store.get(key)?.recent).toBe('ppf')
  })

  test('of an extra check becomes the last one and adds no cell', async () => {
    const { store } = await loaded({ recent: 'pp' })
    const scheduled = result(10, 'f')
    const confirm = { ...scheduled.last, due: '2026-11-22T08:30:10.250Z', kind: 'confirm' } as LiveResult
    store.apply([scheduled, { ...scheduled, last: confirm }, result(20, 'p')])
    expect(store.get(key)?.recent).toBe('ppfp')
    store.apply([{ ...result(30, 'd'), last: { ...confirm, due: '2026-11-22T08:30:30.000Z' } }])
    expect(store.get(key)).toMatchObject({ recent: 'ppfp', last: { kind: 'confirm' } })
  })

  test('pushes the oldest of 60 cells out', async () => {
    const { store } = await loaded({ recent: `f${'p'.repeat(59)}` })
    store.apply([result(10, 'd')])
    expect(store.get(key)?.recent).toBe(`${'p'.repeat(59)}d`)
  })

  test('of an unknown endpoint is left out', async () => {
    const { store } = await loaded({})
    store.apply([{ ...result(10), key: 'shop/other' }])
    expect(store.all()).toHaveLength(1)
  })
})

describe('a change', () => {
  test('of health replaces reason and incident', async () => {
    const { store } = await loaded({ health: 'down', reason: 'refused', incident: 'i1' })
    store.apply([{ key, health: 'up', since: '2026-11-22T08:31:00.000Z' }])
    expect(store.get(key)).toMatchObject({ health: 'up', reason: undefined, incident: undefined })
  })

  test('with all cells replaces the bar', async () => {
    const { store } = await loaded({ recent: 'pp' })
    store.apply([{ ...result(0), recent: 'pfpf' }])
    expect(store.get(key)?.recent).toBe('pfpf')
  })

  test('is told once a frame, to its own row only', async () => {
    const { store, frames, frame } = await loaded({})
    const mine = vi.fn()
    const other = vi.fn()
    store.subscribe(key, mine)
    store.subscribe('shop/other', other)
    store.apply([result(10)])
    store.apply([result(20)])
    expect(frames).toHaveLength(1)
    expect(mine).not.toHaveBeenCalled()
    frame()
    expect(mine).toHaveBeenCalledTimes(1)
    expect(other).not.toHaveBeenCalled()
  })

  test('of health moves counters and order within a second, once', async () => {
    const { store } = await loaded({})
    const listener = vi.fn()
    store.subscribeVersion(listener)
    store.apply([{ ...result(10), health: 'down' }])
    store.apply([{ ...result(20), health: 'degraded' }])
    expect(listener).not.toHaveBeenCalled()
    vi.advanceTimersByTime(reorderPause)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('without another health leaves counters and order alone', async () => {
    const { store } = await loaded({})
    const before = store.version()
    store.apply([result(10)])
    vi.advanceTimersByTime(reorderPause)
    expect(store.version()).toBe(before)
  })
})

describe('a refresh', () => {
  test('does not lose what arrives while it runs', async () => {
    const { store } = await loaded({})
    await store.refresh(async () => {
      store.apply([{ ...result(10, 'f'), health: 'down', reason: 'refused' }])
      return [summary({ recent: 'p' })]
    })
    expect(store.get(key)).toMatchObject({ health: 'down', reason: 'refused', recent: 'pf' })
  })

  test('does not undo a later one', async () => {
    const { store } = await loaded({})
    let resolve: (items: EndpointSummary[]) => void = () => {}
    const late = new Promise<EndpointSummary[]>(settle => {
      resolve = settle
    })
    const first = store.refresh(() => late)
    await store.refresh(async () => [summary({ name: 'new' })])
    resolve([summary({ name: 'old' })])
    await first
    expect(store.get(key)?.name).toBe('new')
  })

  test('that fails leaves everything as it was', async () => {
    const { store } = await loaded({})
    await expect(store.refresh(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(store.all()).toHaveLength(1)
  })
})
