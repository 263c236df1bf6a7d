import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { type ListView, tagNames } from '@/features/endpoints/arrangement'
import { toggleGroup } from '@/features/endpoints/closed-groups'
import { endpointsQuery } from '@/features/endpoints/endpoints-query'
import { FilterBar } from '@/features/endpoints/filter-bar'
import { FilterChips } from '@/features/endpoints/filter-chips'
import { namespacesOf } from '@/features/endpoints/filters'
import { HealthCounters } from '@/features/endpoints/health-counters'
import { useSelection } from '@/features/endpoints/use-selection'
import { chosenDensity, type Density, rememberDensity } from '@/lib/density'
import { Definitions } from './definitions'
import { EndpointsPanel } from './endpoints-panel'
import { Incidents } from './incidents'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

interface OverviewPageProps {
  view: ListView
  /** Replace says that the change is no step of its own for the Back button. */
  onView(next: ListView, replace: boolean): void
}

/** The first page: counters, open incidents, and every endpoint. */
export function OverviewPage({ view, onView }: OverviewPageProps) {
  const { api, endpoints } = useServices()
  const refetchInterval = useRefetchInterval()
  const snapshot = useQuery({ ...endpointsQuery(api, endpoints), refetchInterval })
  const selection = useSelection(endpoints, view)
  const { namespaces, tags } = useNames(snapshot.dataUpdatedAt)
  const [density, setDensity] = useState(chosenDensity)
  const changeDensity = (next: Density) => {
    rememberDensity(next)
    setDensity(next)
  }
  const clear = () => onView({ sort: view.sort, group: view.group, closed: view.closed }, false)
  const toggle = (group: string) => onView({ ...view, closed: toggleGroup(view.closed, group) }, true)
  const known = snapshot.data !== undefined
  return (
    <div className="flex flex-col gap-3">
      <HealthCounters
        counts={known ? selection.counts : undefined}
        total={known ? selection.total : undefined}
        chosen={view.health}
        onChoose={health => onView({ ...view, health }, false)}
      />
      <Definitions />
      <Incidents namespace={view.namespace} refetchInterval={refetchInterval} />
      <FilterBar
        view={view}
        namespaces={namespaces}
        tags={tags}
        density={density}
        onView={onView}
        onDensity={changeDensity}
      />
      <FilterChips
        filters={view}
        onRemove={name => onView({ ...view, [name]: undefined }, false)}
        onClear={clear}
      />
      <EndpointsPanel
        snapshot={snapshot}
        selection={selection}
        density={density}
        onToggle={toggle}
        onClear={clear}
      />
    </div>
  )
}

// Endpoints come and go by snapshots only, so their names are gathered once for each.
function useNames(snapshotAt: number) {
  const { endpoints } = useServices()
  return useMemo(() => {
    void snapshotAt
    return { namespaces: namespacesOf(endpoints.all()), tags: tagNames(endpoints.all()) }
  }, [endpoints, snapshotAt])
}
