import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react'
import type { Series } from '@/api/types'
import { letters } from '@/lib/bar'
import { formatMoment } from '@/lib/format'
import { bucketPaths, height, pitch } from './bucket-paths'
import { type Bucket, bucketSummary, bucketsOf } from './buckets'
import type { Span } from './range'

const fills = { p: 'fill-up', d: 'fill-degraded', f: 'fill-down', u: 'fill-unknown' }

interface HistoryBarProps {
  series: Series
  /** Shows a bucket alone. */
  onBucket(span: Span, worst: Bucket['worst']): void
}

/** The range in buckets, each as its worst outcome. Arrow keys and the pointer read it out. */
export function HistoryBar({ series, onBucket }: HistoryBarProps) {
  const buckets = useMemo(() => bucketsOf(series), [series])
  const [place, setPlace] = useState(buckets.length - 1)
  const at = Math.max(0, Math.min(place, buckets.length - 1))
  const bucket = buckets[at]
  if (!bucket) return null
  const open = () => onBucket(bucket, bucket.worst)
  const step = (event: KeyboardEvent) => {
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buckets.length - 1 }[event.key]
    if (event.key === 'Enter') open()
    else if (next === undefined) return
    else setPlace(Math.max(0, Math.min(next, buckets.length - 1)))
    event.preventDefault()
  }
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    setPlace(Math.floor(((event.clientX - box.left) / box.width) * buckets.length))
  }
  const words = `${formatMoment(bucket.from)} to ${formatMoment(bucket.to)}: ${bucketSummary(bucket)}`
  return (
    <div>
      <div
        role="slider"
        tabIndex={0}
        aria-label="History"
        aria-valuemin={1}
        aria-valuemax={buckets.length}
        aria-valuenow={at + 1}
        aria-valuetext={words}
        onKeyDown={step}
        onPointerMove={point}
        onPointerDown={point}
        onClick={open}
        className="cursor-pointer"
      >
        <Picture buckets={buckets} chosen={at} />
      </div>
      <p className="mt-1 min-h-8 text-xs text-muted sm:min-h-4">{words}</p>
    </div>
  )
}

function Picture({ buckets, chosen }: { buckets: readonly Bucket[]; chosen: number }) {
  const paths = useMemo(() => bucketPaths(buckets.map(bucket => bucket.worst)), [buckets])
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${buckets.length * pitch} ${height}`}
      preserveAspectRatio="none"
      className="block h-10 w-full"
    >
      <rect x={chosen * pitch} width={pitch} height={height} className="fill-raised" />
      <path d={`M0 ${height - 0.5}h${buckets.length * pitch}`} className="stroke-line" />
      {letters.map(
        letter => paths[letter] && <path key={letter} d={paths[letter]} className={fills[letter]} />,
      )}
    </svg>
  )
}
