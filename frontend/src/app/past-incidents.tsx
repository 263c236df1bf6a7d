import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { errorMessage, errorTitle } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import type { IncidentFilters } from '@/features/incidents/incident-filters'
import { IncidentList } from '@/features/incidents/incident-list'
import { pastIncidentsQuery } from '@/features/incidents/incidents-query'
import { pastIncidents } from '@/features/incidents/past-incidents'
import { Button } from '@/ui/button'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { Message } from '@/ui/message'
import { PanelSkeleton } from '@/ui/panel-skeleton'
import { useServices } from './services'
import { useRefetchInterval } from './use-refetch-interval'

interface PastIncidentsProps {
  filters: IncidentFilters
  onFilters(next: IncidentFilters): void
}

/** The incidents that are over; older ones come page by page. */
export function PastIncidents({ filters, onFilters }: PastIncidentsProps) {
  const { api } = useServices()
  const refetchInterval = useRefetchInterval()
  const past = useInfiniteQuery({ ...pastIncidentsQuery(api, filters), refetchInterval })
  const pages = past.data?.pages
  const items = useMemo(() => pages && pastIncidents(pages, filters.namespace), [pages, filters.namespace])
  const fault = useSteadyError(past)
  const retry = () => void (past.isFetchNextPageError ? past.fetchNextPage() : past.refetch())
  if (!items) {
    if (!fault) return <PanelSkeleton label="Loading what is over" />
    return <ErrorMessage title={errorTitle(fault)} error={errorMessage(fault)} onRetry={retry} />
  }
  return (
    <>
      <h3 className="mt-2 text-sm font-semibold">Resolved</h3>
      {past.isError && (
        <ErrorBanner message={errorMessage(past.error)} at={past.dataUpdatedAt} onRetry={retry} />
      )}
      {items.length > 0 && <IncidentList label="Resolved incidents" incidents={items} />}
      {items.length === 0 && !past.hasNextPage && <NoneOver filters={filters} onFilters={onFilters} />}
      {past.hasNextPage && (
        <div className="flex justify-center">
          <Button disabled={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            {past.isFetchingNextPage ? 'Loading older ones' : 'Older'}
          </Button>
        </div>
      )}
    </>
  )
}

function NoneOver({ filters, onFilters }: PastIncidentsProps) {
  const narrowed = filters.namespace !== undefined || filters.range !== undefined
  if (!narrowed) {
    return (
      <Message title="No incident has ended yet">
        An incident opens when an endpoint goes down, and moves here when it is up again.
      </Message>
    )
  }
  return (
    <Message title="Nothing matches" action={<Button onClick={() => onFilters({})}>Clear filters</Button>}>
      No incident that is over fits the filters.
    </Message>
  )
}
