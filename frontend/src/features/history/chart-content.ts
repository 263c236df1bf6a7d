import type { Incident, Series } from '@/api/types'
import { placedCells } from './buckets'
import type { Span } from './range'

/** What the latency chart draws: columns of equal length, with null for a gap. */
export interface ChartContent {
  /** The middle of each cell, in Unix seconds. */
  times: number[]
  /** In milliseconds. */
  p50: (number | null)[]
  p95: (number | null)[]
  p99: (number | null)[]
  failed: number[]
}

/** The columns of a series. */
export function chartContent(series: Series): ChartContent {
  const cells = placedCells(series)
  const start = Date.parse(series.from) / 1_000
  const milliseconds = (us: number | undefined) => (us === undefined ? null : us / 1_000)
  return {
    times: cells.map((_, place) => start + (place + 0.5) * series.cell_seconds),
    p50: cells.map(cell => milliseconds(cell?.p50_us)),
    p95: cells.map(cell => milliseconds(cell?.p95_us)),
    p99: cells.map(cell => milliseconds(cell?.p99_us)),
    failed: cells.map(cell => cell?.failed ?? 0),
  }
}

/** The incidents that last into a span, oldest first, an open one until its end. */
export function incidentSpans(incidents: readonly Incident[], within: Span): Span[] {
  return incidents
    .map(({ started, ended }) => ({ from: Date.parse(started), to: ended ? Date.parse(ended) : within.to }))
    .filter(({ from, to }) => from < within.to && to > within.from)
    .sort((a, b) => a.from - b.from)
}

/** Whether a threshold fits into the chart without flattening what it is about. */
export function fitsChart(threshold: number, content: ChartContent): boolean {
  const highest = Math.max(0, ...content.p99.map(value => value ?? 0))
  return threshold <= 4 * highest
}
