import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ApiError, errorMessage, errorTitle } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import { IncidentHeader } from '@/features/incidents/incident-header'
import { incidentQuery, noticesQuery } from '@/features/incidents/incidents-query'
import { LedgerSteps } from '@/features/incidents/ledger'
import { isWaiting, tellingOf } from '@/features/incidents/notices'
import { Timeline } from '@/features/incidents/timeline'
import { ErrorBanner } from '@/ui/error-banner'
import { ErrorMessage } from '@/ui/error-message'
import { Message } from '@/ui/message'
import { Panel } from '@/ui/panel'
import { PanelSkeleton } from '@/ui/panel-skeleton'
import { useServices } from './services'
import { Told } from './told'
import { useRefetchInterval } from './use-refetch-interval'

/** Receipts of notices make no event: while some are to come the page asks this often, in milliseconds. */
const receiptInterval = 3_000

/** One incident: what happened, by which evidence, and who was told of it when. */
export function IncidentPage({ id }: { id: string }) {
  const { api, queries } = useServices()
  const often = useRefetchInterval()
  const told = { notices: noticesQuery(api, id), incident: incidentQuery(api, id) }
  const known = queries.getQueryData(told.incident.queryKey)
  const receipts = queries.getQueryData(told.notices.queryKey)
  const telling = known && (known.stale_since ? 'unread' : tellingOf(known.channels, receipts))
  const waiting = telling === 'coming' || receipts?.some(isWaiting)
  const refetchInterval = waiting ? () => receiptInterval : often
  const notices = useQuery({ ...told.notices, refetchInterval })
  const incident = useQuery({ ...told.incident, refetchInterval })
  const { data } = incident
  const fault = useSteadyError(incident)
  const retry = () => void incident.refetch()
  if (!data)
    return fault ? <Fault error={fault} onRetry={retry} /> : <PanelSkeleton label="Loading the incident" />
  return (
    <article className="flex flex-col gap-3">
      <AllIncidents />
      {fault !== null && (
        <ErrorBanner message={errorMessage(fault)} at={incident.dataUpdatedAt} onRetry={retry} />
      )}
      <IncidentHeader incident={data} />
      <Panel title="From the first failure to the first word of it">
        <LedgerSteps ledger={data.ledger} telling={telling ?? 'coming'} />
      </Panel>
      <div className="grid items-start gap-3 md:grid-cols-2">
        <Panel title="Timeline">
          <Timeline transitions={data.timeline} />
        </Panel>
        <Panel title="Who was told">
          <Told incident={data} notices={notices} />
        </Panel>
      </div>
    </article>
  )
}

function Fault({ error, onRetry }: { error: unknown; onRetry(): void }) {
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Message title="There is no such incident" action={<AllIncidents />}>
        {error.message}
      </Message>
    )
  }
  return <ErrorMessage title={errorTitle(error)} error={errorMessage(error)} onRetry={onRetry} />
}

function AllIncidents() {
  return (
    <Link to="/incidents" className="self-start text-sm text-accent underline underline-offset-2">
      All incidents
    </Link>
  )
}
