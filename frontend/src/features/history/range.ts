/** The spans that end now, by name, in milliseconds. */
export const spans = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
} as const

export type SpanName = keyof typeof spans

export const spanNames = Object.keys(spans) as SpanName[]

/** The span that is shown when the URL names none. */
export const defaultSpan: SpanName = '1h'

/** No rollup is finer than a minute, so no range is shorter. In milliseconds. */
export const shortest = 60_000

/** What a page shows of time: a span that ends now, or two fixed moments. */
export interface TimeRange {
  range?: SpanName | undefined
  /** RFC 3339, as are all moments in the URL. */
  from?: string | undefined
  to?: string | undefined
}

/** Two moments in Unix milliseconds; the second is not included. */
export interface Span {
  from: number
  to: number
}

/** Reads a range from a URL's search part. What makes no sense is left out. */
export function parseRange(search: Record<string, unknown>): TimeRange {
  const { range, from, to } = search
  if (typeof from === 'string' && typeof to === 'string') {
    const fixed = { from: momentOf(from), to: momentOf(to) }
    if (fixed.to > fixed.from) return fixedRange(fixed)
  }
  const known = spanNames.find(name => name === range)
  return known && known !== defaultSpan ? { range: known } : {}
}

/** A moment as people write it or in Unix milliseconds; NaN for what no monitor has seen. */
function momentOf(text: string): number {
  const moment = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return moment > 0 && moment < endOfTime ? moment : Number.NaN
}

const endOfTime = Date.UTC(2200, 0)

/** The range between two moments, in whole seconds and not shorter than a minute. */
export function fixedRange({ from, to }: Span): TimeRange {
  const middle = (from + to) / 2
  const half = Math.max(to - from, shortest) / 2
  return { from: inSeconds(middle - half), to: inSeconds(middle + half) }
}

function inSeconds(moment: number): string {
  return `${new Date(Math.round(moment / 1_000) * 1_000).toISOString().slice(0, 19)}Z`
}

/** The moments of a range. One that has no fixed moments ends now. */
export function spanOf({ range, from, to }: TimeRange, now: number): Span {
  if (from !== undefined && to !== undefined) return { from: Date.parse(from), to: Date.parse(to) }
  return { from: now - spans[range ?? defaultSpan], to: now }
}

/** Whether the range moves on with time. */
export function isMoving({ from }: TimeRange): boolean {
  return from === undefined
}
