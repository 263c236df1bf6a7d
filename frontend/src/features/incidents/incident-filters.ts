/** How far back a list of incidents reaches. */
export type Range = '24h' | '7d' | '30d' | '90d'

export const ranges: readonly Range[] = ['24h', '7d', '30d', '90d']

/** The words that people read. */
export const rangeWords: Record<Range, string> = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
}

const days: Record<Range, number> = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 }

/** What narrows the list of incidents. It lives in the URL; an absent part narrows nothing. */
export interface IncidentFilters {
  namespace?: string | undefined
  show?: 'open' | undefined
  range?: Range | undefined
}

/** Reads filters from a URL's search part; what makes no sense is left out. */
export function parseIncidentFilters(search: Record<string, unknown>): IncidentFilters {
  const filters: IncidentFilters = {}
  if (typeof search.namespace === 'string' && search.namespace !== '') filters.namespace = search.namespace
  if (search.show === 'open') filters.show = 'open'
  const range = ranges.find(known => known === search.range)
  if (range) filters.range = range
  return filters
}

/** The moment at which a range begins, as the API takes it; undefined for all time. */
export function rangeStart(range: Range | undefined, now: number): string | undefined {
  return range && new Date(now - days[range] * 86_400_000).toISOString()
}
