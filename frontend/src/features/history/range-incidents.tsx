import { Link } from '@tanstack/react-router'
import type { Incident } from '@/api/types'
import { formatMoment, formatSpan } from '@/lib/format'
import { HealthIcon } from '@/ui/health-icon'
import { Panel } from '@/ui/panel'
import type { Span } from './range'

interface RangeIncidentsProps {
  incidents: readonly Incident[]
  within: Span
}

/** The incidents that last into the range, each with its first failing check; nothing when there are none. */
export function RangeIncidents({ incidents, within }: RangeIncidentsProps) {
  const shown = incidents.filter(
    ({ started, ended }) => Date.parse(started) < within.to && !(ended && Date.parse(ended) <= within.from),
  )
  if (shown.length === 0) return null
  return (
    <Panel title={`Incidents (${shown.length.toLocaleString()})`}>
      <ul className="flex flex-col gap-2 text-sm">
        {shown.map(incident => (
          <li key={incident.id} className="flex gap-2">
            <span className="mt-0.5">
              <HealthIcon health={incident.open ? 'down' : 'up'} />
            </span>
            <p className="min-w-0 break-words">
              {incident.open ? 'Open since ' : 'Over: '}
              {formatMoment(Date.parse(incident.started))}, {formatSpan(incident.duration_seconds * 1_000)} ·{' '}
              {incident.reason} ·{' '}
              <Link
                to="."
                search={previous => ({ ...previous, check: Date.parse(incident.started) })}
                resetScroll={false}
                className="underline decoration-line underline-offset-2 hover:decoration-ink"
              >
                first failing check
              </Link>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
