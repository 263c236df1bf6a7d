import { useQuery } from '@tanstack/react-query'
import { useContext } from 'react'
import { meQuery } from '@/features/account/me-query'
import { StoreAway } from '@/features/account/store-away'
import { Disconnected } from '@/ui/disconnected'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

/** What every page says while the store does not answer. A lost monitor is the header's to tell. */
export function StoreNotice() {
  const { api } = useServices()
  const refetchInterval = useRefetchInterval()
  const { data } = useQuery({ ...meQuery(api), refetchInterval })
  const lost = useContext(Disconnected)
  return <StoreAway since={lost ? undefined : data?.stale_since} />
}
