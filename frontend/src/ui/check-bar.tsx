import { memo } from 'react'
import { barHeight, barPaths, barSummary, barWidth, letters } from '@/lib/bar'

const fills = { p: 'fill-up', d: 'fill-degraded', f: 'fill-down', u: 'fill-unknown' }

/** The newest checks as one picture: a cell each, oldest left, the taller the worse. */
export const CheckBar = memo(function CheckBar({ recent }: { recent: string }) {
  const paths = barPaths(recent)
  return (
    <svg
      role="img"
      aria-label={barSummary(recent)}
      viewBox={`0 0 ${barWidth} ${barHeight}`}
      preserveAspectRatio="none"
      className="block h-5 w-full"
    >
      <path d={`M0 ${barHeight - 0.5}h${barWidth}`} className="stroke-line" />
      {letters.map(
        letter => paths[letter] && <path key={letter} d={paths[letter]} className={fills[letter]} />,
      )}
    </svg>
  )
})
