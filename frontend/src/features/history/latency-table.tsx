import type { Series, SeriesCell } from '@/api/types'
import { formatMicros, formatMoment } from '@/lib/format'

/** One cell of a series in words. */
export function CellReadout({ cell }: { cell: SeriesCell }) {
  return (
    <>
      {formatMoment(Date.parse(cell.start))}
      {(['p50_us', 'p95_us', 'p99_us'] as const).map(
        name => cell[name] !== undefined && ` · ${name.slice(0, 3)} ${formatMicros(cell[name])}`,
      )}
      {cell.failed > 0 && ` · ${cell.failed.toLocaleString()} failed`}
    </>
  )
}

/** The chart's figures for screen readers. */
export function LatencyTable({ series }: { series: Series }) {
  return (
    <div className="sr-only">
      <table>
        <caption>Latency over time</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {series.cells.map(cell => (
            <tr key={cell.start}>
              <th scope="row">{formatMoment(Date.parse(cell.start))}</th>
              {[cell.p50_us, cell.p95_us, cell.p99_us].map((us, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the three columns never change places
                <td key={i}>{us === undefined ? 'none' : formatMicros(us)}</td>
              ))}
              <td>{cell.failed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
