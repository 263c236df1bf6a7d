import { HealthIcon } from './health-icon'

const looks = {
  passed: { health: 'up', word: 'Passed', color: 'text-up-text' },
  degraded: { health: 'degraded', word: 'Degraded', color: 'text-degraded-text' },
  failed: { health: 'down', word: 'Failed', color: 'text-down-text' },
  unknown: { health: 'unknown', word: 'Unknown', color: 'text-unknown-text' },
} as const

/** The outcome of a check as shape, colour and word. */
export function OutcomeLabel({ outcome }: { outcome: keyof typeof looks }) {
  const { health, word, color } = looks[outcome]
  return (
    <span className={`inline-flex items-center gap-2 font-medium ${color}`}>
      <HealthIcon health={health} />
      {word}
    </span>
  )
}
