import { formatMoment, formatTime } from '@/lib/format'

/** A moment as local time of day, with its date unless it is of today; in UTC as a tooltip. */
export function Since({ at }: { at: string }) {
  const moment = Date.parse(at)
  const today = new Date(moment).toDateString() === new Date().toDateString()
  return (
    <time dateTime={at} title={at}>
      {today ? formatTime(moment) : formatMoment(moment)}
    </time>
  )
}
