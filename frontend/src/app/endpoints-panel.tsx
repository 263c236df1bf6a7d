import type { UseQueryResult } from '@tanstack/react-query'
import { errorMessage, errorTitle } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import { EndpointList } from '@/features/endpoints/endpoint-list'
import { NoEndpoints, NoMatch } from '@/features/endpoints/list-messages'
import { ListSkeleton } from '@/features/endpoints/list-skeleton'
import type { useSelection } from '@/features/endpoints/use-selection'
import type { Density } from '@/lib/density'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { useServices } from './services'

interface EndpointsPanelProps {
  snapshot: UseQueryResult<number>
  selection: ReturnType<typeof useSelection>
  density: Density
  /** Opens or closes a group. */
  onToggle(group: string): void
  onClear(): void
}

/** The list in one of its states: loading, failed, empty, nothing that matches, or the endpoints. */
export function EndpointsPanel(props: EndpointsPanelProps) {
  const { snapshot } = props
  const retry = () => void snapshot.refetch()
  return (
    <>
      {snapshot.isRefetchError && (
        <ErrorBanner message={errorMessage(snapshot.error)} at={snapshot.dataUpdatedAt} onRetry={retry} />
      )}
      <div className="overflow-clip rounded-lg border border-line bg-surface">
        <Content {...props} onRetry={retry} />
      </div>
    </>
  )
}

function Content(props: EndpointsPanelProps & { onRetry(): void }) {
  const { snapshot, selection, density, onToggle, onClear, onRetry } = props
  const { endpoints, feed } = useServices()
  const fault = useSteadyError(snapshot)
  if (snapshot.data === undefined) {
    if (!fault) return <ListSkeleton />
    return <ErrorMessage title={errorTitle(fault)} error={errorMessage(fault)} onRetry={onRetry} />
  }
  if (snapshot.data === 0) return <NoEndpoints />
  if (selection.items.length === 0) return <NoMatch onClear={onClear} />
  return (
    <EndpointList
      store={endpoints}
      items={selection.items}
      density={density}
      onToggle={onToggle}
      onHold={selection.hold}
      onWatch={feed.watch}
    />
  )
}
