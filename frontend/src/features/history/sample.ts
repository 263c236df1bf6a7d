import type { Series, SeriesCell } from '@/api/types'

const start = Date.parse('2026-11-22T08:00:00.000Z')

/** A minute for tests: 60 checks passed, of 12 to 40 ms. */
export function cellAt(minute: number, given: Partial<SeriesCell>): SeriesCell {
  return {
    start: new Date(start + minute * 60_000).toISOString(),
    passed: 60,
    degraded: 0,
    failed: 0,
    unknown: 0,
    late: 0,
    p50_us: 12_000,
    p95_us: 30_000,
    p99_us: 40_000,
    ...given,
  }
}

/** A series for tests, of so many minutes. */
export function seriesOf(minutes: number, cells: SeriesCell[]): Series {
  return {
    tier: 'minute',
    cell_seconds: 60,
    from: new Date(start).toISOString(),
    to: new Date(start + minutes * 60_000).toISOString(),
    cells,
    summary: { passed: 0, degraded: 0, failed: 0, unknown: 0, late: 0 },
  }
}
