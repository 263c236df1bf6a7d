import { dashes } from './chart-dashes'

const looks = { p50: 'stroke-p50', p95: 'stroke-p95', p99: 'stroke-p99' }

interface LegendProps {
  latency: string | undefined
  /** Whether the threshold lies within the chart. */
  drawn: boolean
  incidents: number
}

/** What the lines and marks of the chart mean. */
export function Legend({ latency, drawn, incidents }: LegendProps) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {(['p50', 'p95', 'p99'] as const).map(name => (
        <li key={name} className="flex items-center gap-1.5">
          <Line look={looks[name]} dash={dashes[name].join(' ')} />
          {name}
        </li>
      ))}
      {latency && (
        <li className="flex items-center gap-1.5">
          <Line look="stroke-ink" dash="12 3" />
          threshold {latency}
          {!drawn && ', above the chart'}
        </li>
      )}
      <li className="flex items-center gap-1.5">
        <span aria-hidden="true" className="size-2 bg-down" />
        failed checks
      </li>
      {incidents > 0 && (
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="h-3 w-4 bg-down/15" />
          {incidents === 1 ? '1 incident' : `${incidents} incidents`}
        </li>
      )}
    </ul>
  )
}

function Line({ look, dash }: { look: string; dash: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 28 4" className="h-1 w-7">
      <path d="M0 2h28" strokeWidth="2" strokeDasharray={dash} className={look} />
    </svg>
  )
}
