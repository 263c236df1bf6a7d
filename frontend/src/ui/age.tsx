import { useNow } from '@/lib/clock'
import { formatAge, formatMoment } from '@/lib/format'

/** How long ago a moment was, kept current; the moment itself as a tooltip. */
export function Age({ moment }: { moment: string }) {
  const at = Date.parse(moment)
  return (
    <time dateTime={moment} title={formatMoment(at)}>
      {formatAge(at, useNow())}
    </time>
  )
}
