import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { errorMessage, errorTitle } from '@/api/problem'
import type { Notice } from '@/api/types'
import { IncidentHeader } from '@/features/incidents/incident-header'
import { incidentQuery, noticesQuery } from '@/features/incidents/incidents-query'
import { LedgerSteps } from '@/features/incidents/ledger'
import { NoticeList } from '@/features/incidents/notice-list'
import { isWaiting } from '@/features/incidents/notices'
import { Timeline } from '@/features/incidents/timeline'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { Panel } from '@/ui/panel'
import { PanelSkeleton } from '@/ui/panel-skeleton'
import { useServices } from './services'

/** Receipts of notices make no event: while some are to come the page asks this often, in milliseconds. */
const receiptInterval = 3_000

/** One incident: what happened, by which evidence, and who was told of it when. */
export function IncidentPage({ id }: { id: string }) {
  const { api } = useServices()
  const notices = useQuery({
    ...noticesQuery(api, id),
    refetchInterval: ({ state }) =>
      state.data?.length === 0 || state.data?.some(isWaiting) ? receiptInterval : false,
  })
  const waiting = notices.data?.length === 0 || notices.data?.some(isWaiting)
  const incident = useQuery({
    ...incidentQuery(api, id),
    refetchInterval: ({ state }) =>
      waiting || (state.data?.open && state.data.ledger.accepted === undefined) ? receiptInterval : false,
  })
  const { data, error, isError } = incident
  const retry = () => void incident.refetch()
  if (!data) {
    if (!isError) return <PanelSkeleton label="Loading the incident" />
    return <ErrorMessage title={errorTitle(error)} error={errorMessage(error)} onRetry={retry} />
  }
  return (
    <article className="flex flex-col gap-3">
      <Link to="/incidents" className="self-start text-sm text-accent underline underline-offset-2">
        All incidents
      </Link>
      {isError && <ErrorBanner message={errorMessage(error)} at={incident.dataUpdatedAt} onRetry={retry} />}
      <IncidentHeader incident={data} />
      <Panel title="From the first failure to the first word of it">
        <LedgerSteps ledger={data.ledger} />
      </Panel>
      <div className="grid items-start gap-3 md:grid-cols-2">
        <Panel title="Timeline">
          <Timeline transitions={data.timeline} />
        </Panel>
        <Panel title="Who was told">
          <Told notices={notices} />
        </Panel>
      </div>
    </article>
  )
}

function Told({ notices }: { notices: UseQueryResult<Notice[]> }) {
  const { data, error, isError, dataUpdatedAt } = notices
  const retry = () => void notices.refetch()
  if (!data) {
    if (!isError) return <PanelSkeleton label="Loading who was told" />
    return <ErrorBanner message={errorMessage(error)} at={0} onRetry={retry} />
  }
  if (data.length === 0) {
    return (
      <p className="text-sm text-muted">
        Nobody was told. Name <code>channels</code> in the <code>alert</code> of the endpoint to change that.
      </p>
    )
  }
  return (
    <>
      {isError && <ErrorBanner message={errorMessage(error)} at={dataUpdatedAt} onRetry={retry} />}
      <NoticeList notices={data} />
    </>
  )
}
