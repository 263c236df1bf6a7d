import type { Result } from '@/api/types'

export type Outcome = Result['outcome']

/** All outcomes, worst first. */
export const outcomes: readonly Outcome[] = ['failed', 'degraded', 'unknown', 'passed']

/** What is shown of an endpoint's checks. It lives in the URL. */
export interface LogFilter {
  /** Only checks with this outcome. */
  outcome?: Outcome | undefined
  /** The check that is looked at: when it was due, in Unix milliseconds. */
  check?: number | undefined
}

/** Reads the filter from a URL's search part; what makes no sense is left out. */
export function parseLogFilter({ outcome, check }: Record<string, unknown>): LogFilter {
  const known = outcomes.find(name => name === outcome)
  const due = typeof check === 'number' || typeof check === 'string' ? String(check) : ''
  return { ...(known && { outcome: known }), ...(/^\d{1,15}$/.test(due) && { check: Number(due) }) }
}
