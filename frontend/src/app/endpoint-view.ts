import { parseRange, type TimeRange } from '@/features/history/range'
import { type LogFilter, parseLogFilter } from '@/features/results/log-filter'

/** What the endpoint page shows, as the URL has it. */
export interface EndpointView extends TimeRange, LogFilter {}

/** Reads the view from a URL's search part. */
export function parseEndpointView(search: Record<string, unknown>): EndpointView {
  return { ...parseRange(search), ...parseLogFilter(search) }
}
