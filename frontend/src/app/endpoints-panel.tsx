import type { UseQueryResult } from '@tanstack/react-query'
import { errorMessage } from '@/api/problem'
import { EndpointList } from '@/features/endpoints/endpoint-list'
import { NoEndpoints, NoMatch } from '@/features/endpoints/list-messages'
import { ListSkeleton } from '@/features/endpoints/list-skeleton'
import type { useSelection } from '@/features/endpoints/use-selection'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { useServices } from './services'

interface EndpointsPanelProps {
  snapshot: UseQueryResult<number>
  selection: ReturnType<typeof useSelection>
  onClear(): void
}

/** The list in one of its states: loading, failed, empty, nothing that matches, or the endpoints. */
export function EndpointsPanel({ snapshot, selection, onClear }: EndpointsPanelProps) {
  const retry = () => void snapshot.refetch()
  return (
    <>
      {snapshot.isRefetchError && (
        <ErrorBanner message={errorMessage(snapshot.error)} at={snapshot.dataUpdatedAt} onRetry={retry} />
      )}
      <div className="overflow-clip rounded-lg border border-line bg-surface">
        <Content snapshot={snapshot} selection={selection} onClear={onClear} onRetry={retry} />
      </div>
    </>
  )
}

function Content({ snapshot, selection, onClear, onRetry }: EndpointsPanelProps & { onRetry(): void }) {
  const { endpoints, feed } = useServices()
  if (snapshot.data === undefined) {
    if (!snapshot.isError) return <ListSkeleton />
    return (
      <ErrorMessage
        title="The endpoints could not be loaded"
        error={errorMessage(snapshot.error)}
        onRetry={onRetry}
      />
    )
  }
  if (snapshot.data === 0) return <NoEndpoints />
  if (selection.rows.length === 0) return <NoMatch onClear={onClear} />
  return <EndpointList store={endpoints} rows={selection.rows} onHold={selection.hold} onWatch={feed.watch} />
}
