import type { Health } from '@/lib/health'

// Each health has an outline of its own: disc, triangle, square, dashed ring.
const outlines: Record<Health, React.ReactNode> = {
  up: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.8 8.2 2.2 2.2 4.2-4.6" className="fill-none stroke-surface" strokeWidth="1.8" />
    </>
  ),
  degraded: (
    <>
      <path d="M8 1 15.5 14.5h-15z" fill="currentColor" />
      <path d="M8 5.5v4.2m0 1.4v1.6" className="stroke-surface" strokeWidth="1.7" />
    </>
  ),
  down: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor" />
      <path d="m5 5 6 6m0-6-6 6" className="stroke-surface" strokeWidth="1.8" />
    </>
  ),
  unknown: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeDasharray="3 2"
      />
      <path d="M5 8h6" stroke="currentColor" strokeWidth="1.8" />
    </>
  ),
}

const colors: Record<Health, string> = {
  up: 'text-up',
  degraded: 'text-degraded',
  down: 'text-down',
  unknown: 'text-unknown',
}

/** The shape and colour of a health. It stands beside the word, so it has no name itself. */
export function HealthIcon({ health }: { health: Health }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={`size-4 shrink-0 ${colors[health]}`}>
      {outlines[health]}
    </svg>
  )
}
