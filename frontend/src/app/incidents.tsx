import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { errorMessage } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import { openIncidentsQuery } from '@/features/incidents/incidents-query'
import { OpenIncidentsStrip } from '@/features/incidents/open-incidents'
import type { Refetch } from '@/lib/refetch'
import { ErrorBanner } from '@/ui/error-banner'
import { useServices } from './services'

interface IncidentsProps {
  namespace: string | undefined
  refetchInterval: Refetch
}

/** The open incidents of the chosen namespace. */
export function Incidents({ namespace, refetchInterval }: IncidentsProps) {
  const { api } = useServices()
  const open = useQuery({ ...openIncidentsQuery(api), refetchInterval })
  const { data, dataUpdatedAt, refetch } = open
  const fault = useSteadyError(open)
  const shown = useMemo(() => {
    if (!data || namespace === undefined) return data
    return { ...data, items: data.items.filter(item => item.namespace === namespace) }
  }, [data, namespace])
  return (
    <>
      {fault !== null && (
        <ErrorBanner
          message={`Open incidents: ${errorMessage(fault)}`}
          at={dataUpdatedAt}
          onRetry={() => void refetch()}
        />
      )}
      {shown && <OpenIncidentsStrip incidents={shown} />}
    </>
  )
}
