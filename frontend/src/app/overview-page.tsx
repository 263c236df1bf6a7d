import { useQuery } from '@tanstack/react-query'
import { endpointsQuery } from '@/features/endpoints/endpoints-query'
import { FilterBar } from '@/features/endpoints/filter-bar'
import { type EndpointFilters, namespacesOf } from '@/features/endpoints/filters'
import { HealthCounters } from '@/features/endpoints/health-counters'
import { useSelection } from '@/features/endpoints/use-selection'
import { EndpointsPanel } from './endpoints-panel'
import { Incidents } from './incidents'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

interface OverviewPageProps {
  filters: EndpointFilters
  /** Replace says that the change is no step of its own for the Back button. */
  onFilters(next: EndpointFilters, replace: boolean): void
}

/** The first page: counters, open incidents, and every endpoint. */
export function OverviewPage({ filters, onFilters }: OverviewPageProps) {
  const { api, endpoints } = useServices()
  const refetchInterval = useRefetchInterval()
  const snapshot = useQuery({ ...endpointsQuery(api, endpoints), refetchInterval })
  const selection = useSelection(endpoints, filters)
  const known = snapshot.data !== undefined
  return (
    <div className="flex flex-col gap-3">
      <HealthCounters
        counts={known ? selection.counts : undefined}
        total={known ? selection.total : undefined}
        chosen={filters.health}
        onChoose={health => onFilters({ ...filters, health }, false)}
      />
      <Incidents namespace={filters.namespace} refetchInterval={refetchInterval} />
      <FilterBar
        text={filters.q ?? ''}
        namespace={filters.namespace ?? ''}
        namespaces={namespacesOf(endpoints.all())}
        onText={q => onFilters({ ...filters, q: q || undefined }, true)}
        onNamespace={namespace => onFilters({ ...filters, namespace: namespace || undefined }, false)}
      />
      <EndpointsPanel snapshot={snapshot} selection={selection} onClear={() => onFilters({}, false)} />
    </div>
  )
}
