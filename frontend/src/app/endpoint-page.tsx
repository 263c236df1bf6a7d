import { useQuery } from '@tanstack/react-query'
import { ApiError, errorMessage } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import { EndpointHeader } from '@/features/endpoints/endpoint-header'
import { endpointQuery } from '@/features/endpoints/endpoint-query'
import { isMoving, spanOf } from '@/features/history/range'
import { RangePicker } from '@/features/history/range-picker'
import { CheckLogPanel } from '@/features/results/check-log-panel'
import { CheckSheet } from '@/features/results/check-sheet'
import { useCheckKeys } from '@/features/results/use-check-keys'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { Message } from '@/ui/message'
import type { EndpointView } from './endpoint-view'
import { History } from './history'
import { useServices } from './services'
import { ToOverview } from './to-overview'
import { useEndpointNews } from './use-endpoint-news'
import { useRefetchInterval } from './use-refetch-interval'

interface EndpointPageProps {
  namespace: string
  id: string
  view: EndpointView
  /** Replace says that the change is no step of its own for the Back button. */
  onView(next: EndpointView, replace?: boolean): void
}

/** Everything about one endpoint over a range of time. */
export function EndpointPage({ namespace, id, view, onView }: EndpointPageProps) {
  const { api } = useServices()
  const { outcome, check, ...range } = view
  const refetchInterval = useRefetchInterval()
  useEndpointNews(namespace, id, isMoving(range))
  const path = { namespace, id }
  const detail = useQuery({ ...endpointQuery(api, path), refetchInterval })
  const close = useCheckKeys(check, due => onView({ ...view, check: due }, true))
  const retry = () => void detail.refetch()
  const fault = useSteadyError(detail)
  if (detail.data === undefined) return fault ? <Fault error={fault} onRetry={retry} /> : <Loading />
  return (
    <div className="flex flex-col gap-4">
      {detail.isError && (
        <ErrorBanner message={errorMessage(detail.error)} at={detail.dataUpdatedAt} onRetry={retry} />
      )}
      <EndpointHeader endpoint={detail.data} />
      <RangePicker range={range} onRange={next => onView({ ...next, outcome })} />
      <History
        path={path}
        range={range}
        latency={detail.data.definition.expect.latency}
        refetchInterval={refetchInterval}
        onRange={(next, failed) => onView({ ...next, outcome: failed ? 'failed' : outcome })}
      />
      <CheckLogPanel
        api={api}
        options={{ ...path, outcome, range, span: () => spanOf(range, Date.now()) }}
        chosen={check}
        refetchInterval={refetchInterval}
        onOutcome={next => onView({ ...range, outcome: next })}
      />
      {check !== undefined && (
        <CheckSheet
          api={api}
          path={path}
          due={check}
          expect={detail.data.definition.expect}
          onClose={close}
        />
      )}
    </div>
  )
}

function Loading() {
  return (
    <div>
      <p role="status" className="sr-only">
        Loading the endpoint
      </p>
      <div aria-hidden="true" className="flex flex-col gap-4">
        <div className="h-28 rounded-lg bg-raised" />
        <div className="h-9 w-2/3 rounded-lg bg-raised" />
        <div className="h-20 rounded-lg bg-raised" />
        <div className="h-80 rounded-lg bg-raised" />
      </div>
    </div>
  )
}

function Fault({ error, onRetry }: { error: unknown; onRetry(): void }) {
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Message title="There is no such endpoint" action={<ToOverview />}>
        {error.message}
      </Message>
    )
  }
  return (
    <ErrorMessage title="The endpoint could not be loaded" error={errorMessage(error)} onRetry={onRetry} />
  )
}
