import { memo, useCallback, useSyncExternalStore } from 'react'
import { formatMicros } from '@/lib/format'
import { Age } from '@/ui/age'
import { CheckBar } from '@/ui/check-bar'
import { HealthLabel } from '@/ui/health-label'
import type { Endpoint, EndpointStore } from './endpoint-store'
import { rowGrid } from './row-grid'

interface EndpointRowProps {
  store: EndpointStore
  endpointKey: string
  /** Its place in the list, from 0. */
  index: number
  /** Pixels from the top of the list. */
  top: number
}

/** One endpoint of the list. It follows its endpoint alone, whatever else changes. */
export const EndpointRow = memo(function EndpointRow({ store, endpointKey, index, top }: EndpointRowProps) {
  const subscribe = useCallback(
    (listener: () => void) => store.subscribe(endpointKey, listener),
    [store, endpointKey],
  )
  const endpoint = useSyncExternalStore(subscribe, () => store.get(endpointKey))
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`absolute inset-x-0 h-26 border-b border-line md:h-13 ${rowGrid}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      {endpoint && <Cells endpoint={endpoint} />}
    </div>
  )
})

function Cells({ endpoint }: { endpoint: Endpoint }) {
  const { health, name, reason, last, recent } = endpoint
  return (
    <>
      <div role="cell" className="[grid-area:health]">
        <HealthLabel health={health} />
      </div>
      <div role="cell" className="min-w-0 [grid-area:name]">
        <div className="truncate font-medium">{name}</div>
        <div className="truncate text-xs text-muted" title={reason}>
          {endpoint.namespace}
          {health !== 'up' && reason && <span className="text-ink"> · {reason}</span>}
        </div>
      </div>
      <div role="cell" className="[grid-area:bar]">
        <CheckBar recent={recent} />
      </div>
      <div role="cell" className="text-right text-xs text-muted [grid-area:last]">
        {last ? (
          <>
            <Age moment={last.due} />{' '}
            <span className="text-ink md:block">{formatMicros(last.duration_us)}</span>
          </>
        ) : (
          '–'
        )}
      </div>
    </>
  )
}
