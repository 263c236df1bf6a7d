import type { Incident } from '@/api/types'
import { useNow } from '@/lib/clock'
import { formatSpan } from '@/lib/format'

/** How long an incident has lasted, kept current while it is open. */
export function IncidentDuration({ incident }: { incident: Incident }) {
  const started = Date.parse(incident.started)
  if (incident.ended !== undefined) return formatSpan(Date.parse(incident.ended) - started)
  return <Lasting since={started} />
}

function Lasting({ since }: { since: number }) {
  return formatSpan(useNow() - since)
}
