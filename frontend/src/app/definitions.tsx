import { useQuery } from '@tanstack/react-query'
import { meQuery } from '@/features/account/me-query'
import { RefusedDefinitions } from '@/features/account/refused-definitions'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

/** What is the matter with the newest definitions; nothing while they are in force. */
export function Definitions() {
  const { api } = useServices()
  const refetchInterval = useRefetchInterval()
  const { data } = useQuery({ ...meQuery(api), refetchInterval })
  return data?.refused_definitions && <RefusedDefinitions refused={data.refused_definitions} />
}
