import { Link } from '@tanstack/react-router'
import type { Transition } from '@/api/types'
import { parseCheckId } from '@/lib/check-id'
import { faultSentence } from '@/lib/fault'
import { formatLag, formatMoment } from '@/lib/format'
import { endpointPath } from '@/lib/paths'
import { HealthLabel } from '@/ui/health-label'
import { Moment } from '@/ui/moment'

/** Every change of health of an incident, oldest first, with the checks that it was decided by. */
export function Timeline({ transitions }: { transitions: readonly Transition[] }) {
  if (transitions.length === 0) return <p className="text-sm text-muted">No change of health is recorded.</p>
  return (
    <ol className="flex flex-col">
      {transitions.map(transition => (
        <li
          key={`${transition.at} ${transition.to}`}
          className="relative border-l-2 border-line pb-5 pl-4 last:pb-0"
        >
          <Change transition={transition} />
        </li>
      ))}
    </ol>
  )
}

function Change({ transition }: { transition: Transition }) {
  const { at, decided, reason, fault, to, evidence = [] } = transition
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-3">
        <HealthLabel health={to} />
        <span className="text-xs text-muted">
          <Moment at={at} />, decided {formatLag(Date.parse(decided) - Date.parse(at))} later
        </span>
      </p>
      <p className="wrap-anywhere">
        <bdi>{reason}</bdi>
        {fault && <span className="text-muted"> {faultSentence(fault)}</span>}
      </p>
      {evidence.length > 0 && <Evidence ids={evidence} />}
    </div>
  )
}

function Evidence({ ids }: { ids: readonly string[] }) {
  return (
    <ul aria-label="Evidence" className="flex flex-wrap gap-x-3 gap-y-1 text-xs">
      {ids.map(id => (
        <li key={id} className="min-w-0">
          <CheckLink id={id} />
        </li>
      ))}
    </ul>
  )
}

function CheckLink({ id }: { id: string }) {
  const check = parseCheckId(id)
  if (!check) return <code className="wrap-anywhere">{id}</code>
  return (
    <Link
      to={endpointPath(`${check.namespace}/${check.id}`)}
      search={{ check: check.due }}
      title={id}
      className="text-accent underline underline-offset-2"
    >
      Check of {formatMoment(check.due)}, {check.location}
    </Link>
  )
}
