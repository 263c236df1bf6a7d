import { Link } from '@tanstack/react-router'
import type { Incident } from '@/api/types'
import { formatMoment } from '@/lib/format'
import { incidentPath } from '@/lib/paths'
import { HealthIcon } from '@/ui/health-icon'
import { IncidentDuration } from './incident-duration'
import type { OpenIncidents } from './incidents-query'

const most = 6

/** The incidents that are open now, the newest first; nothing when there are none. */
export function OpenIncidentsStrip({ incidents }: { incidents: OpenIncidents }) {
  const { items, more } = incidents
  if (items.length === 0) return null
  const rest = items.length - most
  return (
    <section aria-labelledby="open-incidents" className="rounded-lg border border-down bg-surface p-3">
      <h2 id="open-incidents" className="mb-2 text-sm font-semibold text-down-text">
        Open incidents ({items.length.toLocaleString()}
        {more && '+'})
      </h2>
      <ul className="grid grid-cols-[repeat(auto-fit,minmax(18rem,1fr))] gap-x-6 gap-y-2">
        {items.slice(0, most).map(incident => (
          <OpenIncident key={incident.id} incident={incident} />
        ))}
      </ul>
      {rest > 0 && (
        <p className="mt-2 text-xs">
          <Link to="/incidents" className="text-accent underline underline-offset-2">
            and {rest.toLocaleString()}
            {more && ' or'} more
          </Link>
        </p>
      )}
    </section>
  )
}

function OpenIncident({ incident }: { incident: Incident }) {
  const started = Date.parse(incident.started)
  return (
    <li className="flex min-w-0 gap-2 text-sm">
      <span className="mt-0.5">
        <HealthIcon health="down" />
      </span>
      <div className="min-w-0">
        <Link
          to={incidentPath(incident.id)}
          className="block max-w-full truncate font-medium underline decoration-line underline-offset-2 hover:decoration-ink"
        >
          <bdi>{incident.name}</bdi>
        </Link>
        <p className="truncate text-xs text-muted" title={incident.reason}>
          for{' '}
          <time dateTime={incident.started} title={`since ${formatMoment(started)}`}>
            <IncidentDuration incident={incident} />
          </time>{' '}
          · <bdi>{incident.reason}</bdi>
        </p>
      </div>
    </li>
  )
}
