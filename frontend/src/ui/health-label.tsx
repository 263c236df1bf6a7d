import { type Health, healthWords } from '@/lib/health'
import { HealthIcon } from './health-icon'

const colors: Record<Health, string> = {
  up: 'text-up-text',
  degraded: 'text-degraded-text',
  down: 'text-down-text',
  unknown: 'text-unknown-text',
}

/** A health as shape, colour and word. */
export function HealthLabel({ health }: { health: Health }) {
  return (
    <span className={`inline-flex items-center gap-2 font-medium ${colors[health]}`}>
      <HealthIcon health={health} />
      {healthWords[health]}
    </span>
  )
}
