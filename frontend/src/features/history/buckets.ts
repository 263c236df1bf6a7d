import type { Series, SeriesCell } from '@/api/types'
import type { Letter } from '@/lib/bar'

/** A stretch of the history bar. */
export interface Bucket {
  /** In Unix milliseconds; the second is not included. */
  from: number
  to: number
  passed: number
  degraded: number
  failed: number
  unknown: number
  /** The worst outcome in it; absent when there was no check. */
  worst: Letter | undefined
}

/** How many buckets a bar has at most. */
export const mostBuckets = 90

/** Every cell of a series in its place, undefined where there was no check. */
export function placedCells(series: Series): (SeriesCell | undefined)[] {
  const from = Date.parse(series.from)
  const width = series.cell_seconds * 1_000
  const count = Math.max(0, Math.round((Date.parse(series.to) - from) / width))
  const places: (SeriesCell | undefined)[] = Array.from({ length: count })
  for (const cell of series.cells) {
    const place = Math.round((Date.parse(cell.start) - from) / width)
    if (place >= 0 && place < count) places[place] = cell
  }
  return places
}

/** The series as buckets of equal width, oldest first. What is worst in a bucket stays visible. */
export function bucketsOf(series: Series): Bucket[] {
  const cells = placedCells(series)
  const each = Math.max(1, Math.ceil(cells.length / mostBuckets))
  const width = series.cell_seconds * 1_000
  const start = Date.parse(series.from)
  const end = Date.parse(series.to)
  const buckets: Bucket[] = []
  for (let i = 0; i < cells.length; i += each) {
    const from = start + i * width
    buckets.push(bucketOf(cells.slice(i, i + each), from, Math.min(end, from + each * width)))
  }
  return buckets
}

function bucketOf(cells: readonly (SeriesCell | undefined)[], from: number, to: number): Bucket {
  const sum = { from, to, passed: 0, degraded: 0, failed: 0, unknown: 0 }
  for (const cell of cells) {
    if (!cell) continue
    sum.passed += cell.passed
    sum.degraded += cell.degraded
    sum.failed += cell.failed
    sum.unknown += cell.unknown
  }
  return { ...sum, worst: worstOf(sum) }
}

// A gap in what is known is worse than good news, and better than any bad news.
function worstOf({ passed, degraded, failed, unknown }: Omit<Bucket, 'worst'>): Letter | undefined {
  if (failed > 0) return 'f'
  if (degraded > 0) return 'd'
  if (passed > 0) return 'p'
  return unknown > 0 ? 'u' : undefined
}

/** What happened in a bucket, worst first: "2 failed, 58 passed". */
export function bucketSummary({ failed, degraded, unknown, passed }: Bucket): string {
  const parts = Object.entries({ failed, degraded, unknown, passed }).filter(([, count]) => count > 0)
  return parts.map(([word, count]) => `${count.toLocaleString()} ${word}`).join(', ') || 'no checks'
}
