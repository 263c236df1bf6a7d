import { Link } from '@tanstack/react-router'
import type { Incident } from '@/api/types'
import { incidentPath } from '@/lib/paths'
import { Moment } from '@/ui/moment'
import { IncidentDuration } from './incident-duration'
import { IncidentState } from './incident-state'

/** Incidents as links to their pages, in the order given. */
export function IncidentList({ label, incidents }: { label: string; incidents: readonly Incident[] }) {
  return (
    <ul aria-label={label} className="overflow-clip rounded-lg border border-line bg-surface">
      {incidents.map(incident => (
        <li key={incident.id} className="border-b border-line last:border-b-0">
          <IncidentRow incident={incident} />
        </li>
      ))}
    </ul>
  )
}

function IncidentRow({ incident }: { incident: Incident }) {
  return (
    <div className="relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-3 py-2 hover:bg-raised md:grid-cols-[6.5rem_minmax(0,1fr)_12rem_7rem] md:px-4">
      <IncidentState open={incident.open} />
      <div className="min-w-0 text-sm max-md:order-last max-md:col-span-2">
        <Link
          to={incidentPath(incident.id)}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          <bdi>{incident.name}</bdi>
        </Link>
        <p className="text-xs text-muted md:hidden">
          <Moment at={incident.started} />
        </p>
        <p className="truncate text-xs text-muted" title={incident.reason}>
          <bdi>{incident.namespace}</bdi> · <bdi className="text-ink">{incident.reason}</bdi>
        </p>
      </div>
      <p className="text-xs text-muted max-md:hidden">
        <Moment at={incident.started} />
      </p>
      <p className="text-right text-sm">
        <IncidentDuration incident={incident} />
      </p>
    </div>
  )
}
