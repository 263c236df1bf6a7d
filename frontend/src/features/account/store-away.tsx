import { HealthIcon } from '@/ui/health-icon'
import { Since } from '@/ui/since'

/**
 * Says at the foot of the window that the store does not answer: what is above
 * stays in its place. Its element is always there, so that its words are read out.
 */
export function StoreAway({ since }: { since: string | undefined }) {
  return (
    <div role="status" data-store-away={since} className="fixed inset-x-0 bottom-0 z-10 empty:hidden">
      {since !== undefined && (
        <p className="border-t border-degraded bg-surface py-2 text-sm">
          <span className="mx-auto flex max-w-6xl gap-2 px-3 md:px-4">
            <span className="mt-0.5">
              <HealthIcon health="degraded" />
            </span>
            <span>
              The store has not answered since <Since at={since} />. Health and results come from memory;
              history may be missing.
            </span>
          </span>
        </p>
      )}
    </div>
  )
}
