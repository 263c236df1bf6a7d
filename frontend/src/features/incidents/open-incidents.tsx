import type { Incident } from '@/api/types'
import { useNow } from '@/lib/clock'
import { formatMoment, formatSpan } from '@/lib/format'
import { HealthIcon } from '@/ui/health-icon'
import type { OpenIncidents } from './incidents-query'

const most = 6

interface OpenIncidentsStripProps {
  incidents: OpenIncidents
  /** Shows one incident's endpoint in the list. */
  onShow(incident: Incident): void
}

/** The incidents that are open now, the newest first; nothing when there are none. */
export function OpenIncidentsStrip({ incidents, onShow }: OpenIncidentsStripProps) {
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
          <OpenIncident key={incident.id} incident={incident} onShow={onShow} />
        ))}
      </ul>
      {rest > 0 && (
        <p className="mt-2 text-xs text-muted">
          and {rest.toLocaleString()}
          {more && ' or'} more
        </p>
      )}
    </section>
  )
}

function OpenIncident({ incident, onShow }: { incident: Incident; onShow(incident: Incident): void }) {
  const started = Date.parse(incident.started)
  const lasted = formatSpan(useNow() - started)
  return (
    <li className="flex min-w-0 gap-2 text-sm">
      <span className="mt-0.5">
        <HealthIcon health="down" />
      </span>
      <div className="min-w-0">
        <button
          type="button"
          title="Show this endpoint in the list"
          onClick={() => onShow(incident)}
          className="block max-w-full cursor-pointer truncate text-left font-medium underline decoration-line underline-offset-2 hover:decoration-ink"
        >
          {incident.name}
        </button>
        <p className="truncate text-xs text-muted" title={incident.reason}>
          for{' '}
          <time dateTime={incident.started} title={`since ${formatMoment(started)}`}>
            {lasted}
          </time>{' '}
          · {incident.reason}
        </p>
      </div>
    </li>
  )
}
