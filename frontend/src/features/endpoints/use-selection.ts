import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { EndpointStore } from './endpoint-store'
import { type EndpointFilters, selectEndpoints } from './filters'

/** How long the order rests after the pointer moved over the list, in milliseconds. */
const rest = 5_000

/**
 * The endpoints that match, kept current. While the pointer is at work in the
 * list, say so with hold: rows then keep their places.
 */
export function useSelection(store: EndpointStore, filters: EndpointFilters) {
  const version = useSyncExternalStore(store.subscribeVersion, store.version)
  const selection = useMemo(() => {
    void version
    return selectEndpoints(store.all(), filters)
  }, [store, version, filters])
  const { held, hold } = useHold()
  const [shown, setShown] = useState({ rows: selection.rows, filters })
  const follow = !held || shown.filters !== filters || shown.rows.length === 0
  if (follow && shown.rows !== selection.rows) setShown({ rows: selection.rows, filters })
  return { ...selection, rows: shown.rows, hold }
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
