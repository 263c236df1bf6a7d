import { type Health, healths, healthWords } from '@/lib/health'
import { HealthIcon } from '@/ui/health-icon'
import type { HealthCounts } from './filters'

interface HealthCountersProps {
  /** Absent while nothing is known. */
  counts: HealthCounts | undefined
  total: number | undefined
  chosen: Health | undefined
  onChoose(health: Health | undefined): void
}

/** How many endpoints have which health; each counter narrows the list to it. */
export function HealthCounters({ counts, total, chosen, onChoose }: HealthCountersProps) {
  return (
    <fieldset aria-label="Show by health" className="grid grid-cols-2 gap-2 sm:grid-cols-5">
      <Counter word="All" count={total} pressed={chosen === undefined} onPress={() => onChoose(undefined)} />
      {healths.map(health => (
        <Counter
          key={health}
          word={healthWords[health]}
          health={health}
          count={counts?.[health]}
          pressed={chosen === health}
          onPress={() => onChoose(chosen === health ? undefined : health)}
        />
      ))}
    </fieldset>
  )
}

interface CounterProps {
  word: string
  health?: Health
  count: number | undefined
  pressed: boolean
  onPress(): void
}

function Counter({ word, health, count, pressed, onPress }: CounterProps) {
  const look = pressed ? 'border-accent ring-1 ring-accent' : 'border-line hover:bg-raised'
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={`flex cursor-pointer items-baseline justify-between gap-2 rounded-lg border bg-surface px-3 py-2 text-left first:max-sm:col-span-2 sm:flex-col ${look}`}
    >
      <span className="inline-flex items-center gap-2 text-sm text-muted">
        {health && <HealthIcon health={health} />}
        {word}
      </span>
      <span className="text-2xl font-semibold">{count?.toLocaleString() ?? '–'}</span>
    </button>
  )
}
