import { useSyncExternalStore } from 'react'
import { afterFaults, askInterval, type Refetch } from '@/lib/refetch'
import { useServices } from './services'

const always: Refetch = () => askInterval

/** How often a page has to ask: only after faults while the stream tells it what changes. */
export function useRefetchInterval(): Refetch {
  const { feed } = useServices()
  const { state } = useSyncExternalStore(feed.subscribe, feed.freshness)
  return state === 'polling' ? always : afterFaults
}
