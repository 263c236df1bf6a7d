import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Api } from '@/api/client'
import { errorMessage } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import type { Refetch } from '@/lib/refetch'
import { Button } from '@/ui/button'
import { ErrorBanner } from '@/ui/error-banner'
import { Panel } from '@/ui/panel'
import { CheckTable } from './check-table'
import type { LogFilter } from './log-filter'
import { OutcomeFilter } from './outcome-filter'
import { fetchOlder, type LogOptions, logQuery } from './results-queries'

interface CheckLogPanelProps {
  api: Api
  options: LogOptions
  chosen: number | undefined
  refetchInterval: Refetch
  onOutcome(outcome: LogFilter['outcome']): void
}

/** The checks of the range, newest first, and older ones on demand. */
export function CheckLogPanel({ api, options, chosen, refetchInterval, onOutcome }: CheckLogPanelProps) {
  const log = useQuery({ ...logQuery(api, useQueryClient(), options), refetchInterval })
  const fault = useSteadyError(log)
  return (
    <Panel title="Checks" aside={<OutcomeFilter outcome={options.outcome} onOutcome={onOutcome} />}>
      {fault !== null && (
        <ErrorBanner
          message={`Checks: ${errorMessage(fault)}`}
          at={log.dataUpdatedAt}
          onRetry={() => void log.refetch()}
        />
      )}
      {log.isPending && fault === null && <LogSkeleton />}
      {log.data?.items.length === 0 && (
        <NoChecks outcome={options.outcome} onAll={() => onOutcome(undefined)} />
      )}
      {log.data && log.data.items.length > 0 && <CheckTable items={log.data.items} chosen={chosen} />}
      {log.data?.next && <Older onOlder={client => fetchOlder(api, client, options)} />}
    </Panel>
  )
}

function Older({ onOlder }: { onOlder(client: ReturnType<typeof useQueryClient>): Promise<void> }) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const older = async () => {
    setBusy(true)
    setFault('')
    await onOlder(client).catch((error: unknown) => setFault(errorMessage(error)))
    setBusy(false)
  }
  return (
    <div className="mt-3 flex flex-wrap items-center gap-3">
      <Button disabled={busy} onClick={() => void older()}>
        Older
      </Button>
      <p role="alert" className="text-sm text-down-text empty:hidden">
        {fault}
      </p>
    </div>
  )
}

function NoChecks({ outcome, onAll }: { outcome: LogFilter['outcome']; onAll(): void }) {
  return (
    <div className="flex flex-col items-center gap-3 py-8 text-sm text-muted">
      {outcome ? `No check of this range has the outcome ${outcome}.` : 'No checks in this range.'}
      {outcome ? <Button onClick={onAll}>Show all</Button> : <p>A longer range may have some.</p>}
    </div>
  )
}

function LogSkeleton() {
  return (
    <>
      <p role="status" className="sr-only">
        Loading checks
      </p>
      <div aria-hidden="true" className="h-72 rounded bg-raised" />
    </>
  )
}
