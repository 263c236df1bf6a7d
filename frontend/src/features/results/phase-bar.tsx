import type { Result } from '@/api/types'
import { formatMicros } from '@/lib/format'
import { phasesOf } from './phases'

const fills: Record<string, string> = {
  DNS: 'fill-p50',
  Connect: 'fill-p95',
  TLS: 'fill-p99',
  'First byte': 'fill-p95',
  Transfer: 'fill-p50',
  Other: 'fill-line',
}

/** Where the time of a check went, as a bar and in numbers. */
export function PhaseBar({ result }: { result: Result }) {
  const phases = phasesOf(result)
  if (phases.length === 0) return null
  const total = phases.reduce((sum, phase) => sum + phase.us, 0)
  let left = 0
  return (
    <div>
      <h4 className="mb-1 font-semibold">Phases</h4>
      <svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none" className="block h-5 w-full">
        {phases.map(({ name, us }) => {
          const x = left
          left += (us / total) * 100
          return (
            <rect
              key={name}
              x={x}
              width={Math.max(0.4, left - x - 0.4)}
              height="10"
              className={fills[name]}
            />
          )
        })}
      </svg>
      <dl className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        {phases.map(({ name, us }) => (
          <div key={name} className="flex items-center gap-1.5">
            <dt className="flex items-center gap-1.5 text-muted">
              <svg aria-hidden="true" viewBox="0 0 8 8" className="size-2">
                <rect width="8" height="8" className={fills[name]} />
              </svg>
              {name}
            </dt>
            <dd>{formatMicros(us)}</dd>
          </div>
        ))}
      </dl>
      {!result.connect_us && <p className="mt-1 text-xs text-muted">The connection was kept from before.</p>}
    </div>
  )
}
