import { type LogFilter, type Outcome, outcomes } from './log-filter'

const words: Record<Outcome, string> = {
  passed: 'Passed',
  degraded: 'Degraded',
  failed: 'Failed',
  unknown: 'Unknown',
}

interface OutcomeFilterProps {
  outcome: LogFilter['outcome']
  onOutcome(outcome: LogFilter['outcome']): void
}

/** Narrows the log to one outcome. */
export function OutcomeFilter({ outcome, onOutcome }: OutcomeFilterProps) {
  return (
    <label className="flex items-center gap-2 text-sm">
      <span className="text-muted">Outcome</span>
      <select
        value={outcome ?? ''}
        onChange={event => onOutcome(outcomes.find(name => name === event.target.value))}
        className="h-9 rounded-md border border-line bg-surface px-2"
      >
        <option value="">All</option>
        {outcomes.map(name => (
          <option key={name} value={name}>
            {words[name]}
          </option>
        ))}
      </select>
    </label>
  )
}
