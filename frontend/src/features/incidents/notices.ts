import type { Ledger, Notice } from '@/api/types'

/** What became of a notice. */
export type NoticeState = 'accepted' | 'given up' | 'trying again' | 'pending'

export function noticeState(notice: Notice): NoticeState {
  if (notice.accepted !== undefined) return 'accepted'
  if (notice.given_up !== undefined) return 'given up'
  return notice.attempts > 0 ? 'trying again' : 'pending'
}

/** Whether word of this notice is still to come. */
export function isWaiting(notice: Notice): boolean {
  const state = noticeState(notice)
  return state === 'pending' || state === 'trying again'
}

/** How far word of an incident has come: nobody is to be told, it is coming, somebody has it, no channel took it, or it cannot be read. */
export type Telling = 'nobody' | 'coming' | 'told' | 'failed' | 'unread'

/** How far word has come, given the channels that are told and their notices, if those are known. */
export function tellingOf(channels: readonly string[], notices: readonly Notice[] | undefined): Telling {
  if (notices === undefined || notices.length === 0) return channels.length === 0 ? 'nobody' : 'coming'
  if (notices.some(notice => notice.accepted !== undefined)) return 'told'
  return notices.some(isWaiting) ? 'coming' : 'failed'
}

/** One step from the first failing check to the first channel that took word of it. */
export interface LedgerStep {
  word: string
  /** When it was taken; absent while it is to come. */
  at: string | undefined
  /** How long after the step before it, in milliseconds. */
  after: number | undefined
}

/** The ledger as steps, in order. */
export function ledgerSteps(ledger: Ledger): LedgerStep[] {
  const moments: [string, string | undefined][] = [
    ['First failure', ledger.first_failure],
    ['Decided', ledger.decided],
    ['Sent', ledger.sent],
    ['Accepted', ledger.accepted],
  ]
  return moments.map(([word, at], place) => {
    const before = moments[place - 1]?.[1]
    const after = at && before ? Math.max(Date.parse(at) - Date.parse(before), 0) : undefined
    return { word, at, after }
  })
}
