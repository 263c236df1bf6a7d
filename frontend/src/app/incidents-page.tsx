import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { errorMessage, errorTitle } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import { endpointsQuery } from '@/features/endpoints/endpoints-query'
import { namespacesOf } from '@/features/endpoints/filters'
import { IncidentFilterBar } from '@/features/incidents/incident-filter-bar'
import type { IncidentFilters } from '@/features/incidents/incident-filters'
import { IncidentList } from '@/features/incidents/incident-list'
import { type OpenIncidents, openIncidentsQuery } from '@/features/incidents/incidents-query'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { PanelSkeleton } from '@/ui/panel-skeleton'
import { PastIncidents } from './past-incidents'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

interface IncidentsPageProps {
  filters: IncidentFilters
  onFilters(next: IncidentFilters): void
}

/** Every incident: what is open, and then what is over, newest first. */
export function IncidentsPage({ filters, onFilters }: IncidentsPageProps) {
  const { api, endpoints } = useServices()
  const refetchInterval = useRefetchInterval()
  const open = useQuery({ ...openIncidentsQuery(api), refetchInterval })
  const snapshot = useQuery(endpointsQuery(api, endpoints))
  const namespaces = useMemo(
    () => (snapshot.data === undefined ? [] : namespacesOf(endpoints.all())),
    [snapshot.data, endpoints],
  )
  return (
    <div className="flex flex-col gap-3">
      <h2 className="text-xl font-semibold">Incidents</h2>
      <IncidentFilterBar filters={filters} namespaces={namespaces} onFilters={onFilters} />
      <OpenPart open={open} namespace={filters.namespace} />
      {filters.show !== 'open' && open.data && <PastIncidents filters={filters} onFilters={onFilters} />}
    </div>
  )
}

interface OpenPartProps {
  open: UseQueryResult<OpenIncidents>
  namespace: string | undefined
}

function OpenPart({ open, namespace }: OpenPartProps) {
  const retry = () => void open.refetch()
  const fault = useSteadyError(open)
  if (!open.data) {
    if (!fault) return <PanelSkeleton label="Loading incidents" />
    return <ErrorMessage title={errorTitle(fault)} error={errorMessage(fault)} onRetry={retry} />
  }
  const items = open.data.items.filter(item => namespace === undefined || item.namespace === namespace)
  return (
    <>
      {open.isError && (
        <ErrorBanner message={errorMessage(open.error)} at={open.dataUpdatedAt} onRetry={retry} />
      )}
      <h3 className="mt-2 text-sm font-semibold">
        Open ({items.length.toLocaleString()}
        {open.data.more && '+'})
      </h3>
      {items.length > 0 ? (
        <IncidentList label="Open incidents" incidents={items} />
      ) : (
        <p className="rounded-lg border border-line bg-surface px-4 py-3 text-sm text-muted">
          Nothing is open{namespace !== undefined && ` in ${namespace}`}. A new incident shows here by itself.
        </p>
      )}
    </>
  )
}
