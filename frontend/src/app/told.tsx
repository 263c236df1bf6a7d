import type { UseQueryResult } from '@tanstack/react-query'
import { errorMessage } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import type { IncidentDetail, Notice } from '@/api/types'
import { NoticeList } from '@/features/incidents/notice-list'
import { tellingOf } from '@/features/incidents/notices'
import { ErrorBanner } from '@/ui/error-banner'
import { PanelSkeleton } from '@/ui/panel-skeleton'

interface ToldProps {
  incident: IncidentDetail
  notices: UseQueryResult<Notice[]>
}

/** Who was told of an incident, who is still to be told, or why nobody is. */
export function Told({ incident, notices }: ToldProps) {
  const { data, dataUpdatedAt } = notices
  const fault = useSteadyError(notices)
  const retry = () => void notices.refetch()
  if (!data) {
    if (!fault) return <PanelSkeleton label="Loading who was told" />
    return <ErrorBanner message={errorMessage(fault)} at={0} onRetry={retry} />
  }
  return (
    <>
      {fault !== null && <ErrorBanner message={errorMessage(fault)} at={dataUpdatedAt} onRetry={retry} />}
      {data.length > 0 ? (
        <NoticeList notices={data} />
      ) : (
        <NoNotice nobody={tellingOf(incident.channels, data) === 'nobody'} channels={incident.channels} />
      )}
    </>
  )
}

function NoNotice({ nobody, channels }: { nobody: boolean; channels: readonly string[] }) {
  if (nobody) {
    return (
      <p className="text-sm text-muted">
        Nobody is told of this incident: its endpoint named no channel when it opened. Name{' '}
        <code>channels</code> in the <code>alert</code> of the endpoint, and the next one is told.
      </p>
    )
  }
  return (
    <p className="text-sm text-degraded-text">
      Word of it is on its way to <bdi className="wrap-anywhere">{channels.join(', ')}</bdi>.
    </p>
  )
}
