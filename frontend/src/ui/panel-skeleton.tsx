import { SlowNote } from './slow-note'

const places = [0, 1, 2, 3]

/** Content before anything is known of it. */
export function PanelSkeleton({ label }: { label: string }) {
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="sr-only">
        {label}
      </p>
      <SlowNote />
      <div aria-hidden="true" className="flex flex-col gap-3">
        {places.map(place => (
          <div key={place} className="h-14 rounded-lg border border-line bg-surface p-3">
            <div className="h-4 w-2/5 rounded bg-raised" />
          </div>
        ))}
      </div>
    </div>
  )
}
