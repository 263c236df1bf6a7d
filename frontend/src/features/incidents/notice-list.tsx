import type { Notice } from '@/api/types'
import { Moment } from '@/ui/moment'
import { noticeState } from './notices'

const changes = { opened: 'Opened', updated: 'Updated', resolved: 'Resolved' }

/** Who was told of what, when, and what the channel answered. */
export function NoticeList({ notices }: { notices: readonly Notice[] }) {
  return (
    <ul className="flex flex-col divide-y divide-line">
      {notices.map(notice => (
        <li key={`${notice.sequence} ${notice.channel}`} className="py-2 text-sm first:pt-0 last:pb-0">
          <p className="flex flex-wrap items-baseline gap-x-3">
            <bdi className="font-medium wrap-anywhere">{notice.channel}</bdi>
            <span>{changes[notice.change]}</span>
            <Outcome notice={notice} />
          </p>
          <p className="text-xs text-muted wrap-anywhere">
            {notice.attempts === 1 ? '1 attempt' : `${notice.attempts} attempts`}
            {notice.receipt && (
              <>
                {' '}
                · receipt <code>{notice.receipt}</code>
              </>
            )}
          </p>
          {notice.error && (
            <p className="text-xs text-down-text wrap-anywhere">
              <bdi>{notice.error}</bdi>
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

function Outcome({ notice }: { notice: Notice }) {
  const state = noticeState(notice)
  const moment = notice.accepted ?? notice.given_up ?? notice.next_try
  const look = { accepted: 'text-up-text', 'given up': 'text-down-text' }[state as string]
  return (
    <span className={look ?? 'text-degraded-text'}>
      {state}
      {moment !== undefined && (
        <span className="text-muted">
          {notice.accepted === undefined && notice.given_up === undefined && ', next try'}{' '}
          <Moment at={moment} />
        </span>
      )}
    </span>
  )
}
