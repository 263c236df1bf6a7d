import { lazy, Suspense, useMemo, useState } from 'react'
import type { Incident, Series } from '@/api/types'
import { formatMoment, formatSpan } from '@/lib/format'
import { parseSpan } from '@/lib/span'
import { Panel } from '@/ui/panel'
import { placedCells } from './buckets'
import { chartContent, fitsChart, incidentSpans } from './chart-content'
import { Legend } from './chart-legend'
import { CellReadout, LatencyTable } from './latency-table'
import type { Span } from './range'

const LatencyChart = lazy(() => import('./latency-chart'))

interface LatencyPanelProps {
  series: Series
  incidents: readonly Incident[]
  /** The latency that the endpoint must stay below, as its definition says it. */
  latency: string | undefined
  onZoom(span: Span): void
  onUnzoom(): void
}

/** The latency over the range, as a chart and, for those who cannot see it, as a table. */
export function LatencyPanel({ series, incidents, latency, onZoom, onUnzoom }: LatencyPanelProps) {
  const content = useMemo(() => chartContent(series), [series])
  const cells = useMemo(() => placedCells(series), [series])
  const spans = useMemo(
    () => incidentSpans(incidents, { from: Date.parse(series.from), to: Date.parse(series.to) }),
    [incidents, series],
  )
  const [place, setPlace] = useState<number | null>(null)
  const limit = parseSpan(latency)
  const threshold = limit !== undefined && fitsChart(limit, content) ? limit : undefined
  const cell = place === null ? undefined : cells[place]
  return (
    <Panel
      title="Latency"
      aside={
        <p className="text-xs text-muted">
          one point is {formatSpan(series.cell_seconds * 1_000)} · drag to zoom, double click to go back
        </p>
      }
    >
      <Legend latency={latency} drawn={threshold !== undefined} incidents={spans.length} />
      <div aria-hidden="true" className="min-h-[260px]">
        <Suspense fallback={<p className="p-4 text-sm text-muted">Loading the chart</p>}>
          <LatencyChart
            content={content}
            incidents={spans}
            threshold={threshold}
            onZoom={onZoom}
            onUnzoom={onUnzoom}
            onPlace={setPlace}
          />
        </Suspense>
      </div>
      <p className="min-h-4 text-xs text-muted">
        {cell ? <CellReadout cell={cell} /> : place !== null && 'no checks'}
      </p>
      <LatencyTable series={series} />
      <p className="sr-only">
        From {formatMoment(Date.parse(series.from))} to {formatMoment(Date.parse(series.to))}.
      </p>
    </Panel>
  )
}
