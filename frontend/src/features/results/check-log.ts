import type { Result, ResultPage } from '@/api/types'

/** A stretch of an endpoint's results without gaps, newest first. */
export interface CheckLog {
  items: readonly Result[]
  /** Where the older ones begin; absent at the end of the range. */
  next: string | undefined
}

/** How many results a log holds at most when new ones push the oldest out. */
export const mostHeld = 1_000

/** What tells a result from all others of its endpoint. */
export function checkId({ due, location }: Result): string {
  return `${due} ${location}`
}

/**
 * The log after its newest page was fetched again. A page that does not reach
 * down to what is known leaves a gap, so the log then starts over. A log that
 * has grown too long does as well.
 */
export function withNewest(known: CheckLog | undefined, page: ResultPage): CheckLog {
  const fresh: CheckLog = { items: page.items, next: page.next }
  const oldest = page.items.at(-1)
  if (!known || !oldest) return fresh
  const place = known.items.findIndex(item => checkId(item) === checkId(oldest))
  if (place < 0) return fresh
  const items = [...page.items, ...known.items.slice(place + 1)]
  return items.length > mostHeld ? fresh : { items, next: known.next }
}

/** The log with the page that its next led to. */
export function withOlder(known: CheckLog, page: ResultPage): CheckLog {
  const ids = new Set(known.items.map(checkId))
  return { items: [...known.items, ...page.items.filter(item => !ids.has(checkId(item)))], next: page.next }
}

/** How much later than planned a check began, in milliseconds; undefined if it never began. */
export function lateness({ due, start }: Result): number | undefined {
  return start === undefined ? undefined : Date.parse(start) - Date.parse(due)
}

/** From this lateness on a check counts as late, in milliseconds. */
export const lateFrom = 50
