import { useSyncExternalStore } from 'react'
import { useServices } from './services'

/** While the stream is away, pages ask this often, in milliseconds. */
const pollInterval = 10_000

/** How often a page has to ask: not at all while the stream tells it what changes. */
export function useRefetchInterval(): number | false {
  const { feed } = useServices()
  const { state } = useSyncExternalStore(feed.subscribe, feed.freshness)
  return state === 'polling' ? pollInterval : false
}
