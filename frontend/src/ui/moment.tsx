import { formatMoment } from '@/lib/format'

/** A moment as local date and time; in UTC, to the millisecond, as a tooltip. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {formatMoment(Date.parse(at))}
    </time>
  )
}
