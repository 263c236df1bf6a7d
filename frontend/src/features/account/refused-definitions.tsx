import type { Refused } from '@/api/types'
import { HealthIcon } from '@/ui/health-icon'
import { placesOf, refusal } from './refusal'

/** Says that the newest definitions are not in force, and where their faults are. */
export function RefusedDefinitions({ refused }: { refused: Refused }) {
  const places = placesOf(refused)
  return (
    <section
      aria-label="Definitions"
      className="flex gap-2 rounded-lg border border-degraded bg-surface px-3 py-2 text-sm"
    >
      <span className="mt-0.5">
        <HealthIcon health="degraded" />
      </span>
      <div className="min-w-0">
        <p role="status" className="font-medium wrap-anywhere">
          {refusal(refused)}
        </p>
        <p className="text-muted wrap-anywhere">
          {places && <span className="text-ink">{places}</span>}
          {places && ' '}The monitor's log says what is wrong. Once the file is mended and saved, it is taken
          up by itself; until then a restart would fail.
        </p>
      </div>
    </section>
  )
}
