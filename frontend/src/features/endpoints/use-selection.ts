import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { arrange, type ListView } from './arrangement'
import type { EndpointStore } from './endpoint-store'
import { selectEndpoints } from './filters'

/** How long the order rests after the pointer moved over the list, in milliseconds. */
const rest = 5_000

/** How often an order by latency follows the latencies, in milliseconds. */
const latencyPause = 5_000

/**
 * The lines that a view shows, kept current. While the pointer is at work in
 * the list, say so with hold: lines then keep their places.
 */
export function useSelection(store: EndpointStore, view: ListView) {
  const version = useSyncExternalStore(store.subscribeVersion, store.version)
  const beat = useBeat(view.sort === 'latency')
  const selection = useMemo(() => {
    void [version, beat]
    const { rows, counts, total } = selectEndpoints(store.all(), view)
    return { items: arrange(rows, view), counts, total }
  }, [store, version, beat, view])
  const { held, hold } = useHold()
  const [shown, setShown] = useState({ items: selection.items, view })
  const follow = !held || shown.view !== view || shown.items.length === 0
  if (follow && shown.items !== selection.items) setShown({ items: selection.items, view })
  return { ...selection, items: shown.items, hold }
}

// Latencies change with every result, which is no reason to tell the list.
function useBeat(beating: boolean): number {
  const [beat, setBeat] = useState(0)
  useEffect(() => {
    if (!beating) return
    const timer = setInterval(() => setBeat(count => count + 1), latencyPause)
    return () => clearInterval(timer)
  }, [beating])
  return beat
}

function useHold() {
  const [held, setHeld] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hold = useCallback(() => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setHeld(false), rest)
    setHeld(true)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
  return { held, hold }
}
