import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { errorMessage } from '@/api/problem'
import { openIncidentsQuery } from '@/features/incidents/incidents-query'
import { OpenIncidentsStrip } from '@/features/incidents/open-incidents'
import { ErrorBanner } from '@/ui/error-banner'
import { useServices } from './services'

interface IncidentsProps {
  namespace: string | undefined
  refetchInterval: number | false
}

/** The open incidents of the chosen namespace. */
export function Incidents({ namespace, refetchInterval }: IncidentsProps) {
  const { api } = useServices()
  const { data, error, isError, dataUpdatedAt, refetch } = useQuery({
    ...openIncidentsQuery(api),
    refetchInterval,
  })
  const shown = useMemo(() => {
    if (!data || namespace === undefined) return data
    return { ...data, items: data.items.filter(item => item.namespace === namespace) }
  }, [data, namespace])
  return (
    <>
      {isError && (
        <ErrorBanner
          message={`Open incidents: ${errorMessage(error)}`}
          at={dataUpdatedAt}
          onRetry={() => void refetch()}
        />
      )}
      {shown && <OpenIncidentsStrip incidents={shown} />}
    </>
  )
}
