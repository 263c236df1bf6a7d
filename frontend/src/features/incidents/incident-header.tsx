import { Link } from '@tanstack/react-router'
import type { Incident } from '@/api/types'
import { faultSentence } from '@/lib/fault'
import { endpointPath } from '@/lib/paths'
import { Moment } from '@/ui/moment'
import { IncidentDuration } from './incident-duration'
import { IncidentState } from './incident-state'

/** What an incident is about: the endpoint, since when, how long, and why. */
export function IncidentHeader({ incident }: { incident: Incident }) {
  return (
    <header className={`rounded-lg border bg-surface p-4 ${incident.open ? 'border-down' : 'border-line'}`}>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">
        <IncidentState open={incident.open} />
        <span>
          {incident.open ? 'for' : 'after'}{' '}
          <span className="text-ink">
            <IncidentDuration incident={incident} />
          </span>
        </span>
        <span>
          since <Moment at={incident.started} />
        </span>
        {incident.ended !== undefined && (
          <span>
            until <Moment at={incident.ended} />
          </span>
        )}
      </p>
      <h2 className="mt-2 text-xl font-semibold wrap-anywhere">
        <Link
          to={endpointPath(incident.endpoint)}
          className="underline decoration-line underline-offset-4 hover:decoration-ink"
        >
          <bdi>{incident.name}</bdi>
        </Link>
      </h2>
      <p className="text-xs text-muted wrap-anywhere">{incident.endpoint}</p>
      <p className="mt-3 text-sm wrap-anywhere">
        <bdi>{incident.reason}</bdi>
      </p>
      {incident.fault && <p className="text-sm text-muted">{faultSentence(incident.fault)}</p>}
    </header>
  )
}
