import { Link } from '@tanstack/react-router'
import { memo, useCallback, useSyncExternalStore } from 'react'
import { formatMicros } from '@/lib/format'
import { endpointPath, incidentPath } from '@/lib/paths'
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
  /** In pixels. */
  height: number
  /** Whether wide screens show one line of text instead of two. */
  dense: boolean
}

/** One endpoint of the list. It follows its endpoint alone, whatever else changes. */
export const EndpointRow = memo(function EndpointRow(props: EndpointRowProps) {
  const { store, endpointKey, index, top, height, dense } = props
  const subscribe = useCallback(
    (listener: () => void) => store.subscribe(endpointKey, listener),
    [store, endpointKey],
  )
  const endpoint = useSyncExternalStore(subscribe, () => store.get(endpointKey))
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-key={endpointKey}
      className={`absolute inset-x-0 border-b border-line focus-within:bg-raised hover:bg-raised ${rowGrid}`}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      {endpoint && <Cells endpoint={endpoint} dense={dense} />}
    </div>
  )
})

function Cells({ endpoint, dense }: { endpoint: Endpoint; dense: boolean }) {
  const { key, health, name, last, recent } = endpoint
  return (
    <>
      <div role="cell" className="flex [grid-area:health]">
        <HealthLabel health={health} />
      </div>
      <div
        role="cell"
        className={`min-w-0 [grid-area:name] ${dense ? 'md:flex md:items-baseline md:gap-3' : ''}`}
      >
        <Link to={endpointPath(key)} className="block truncate font-medium after:absolute after:inset-0">
          <bdi>{name}</bdi>
        </Link>
        <Reason endpoint={endpoint} />
      </div>
      <div role="cell" className="[grid-area:bar]">
        <CheckBar recent={recent} />
      </div>
      <div role="cell" className="text-right text-xs whitespace-nowrap text-muted [grid-area:last]">
        {last ? (
          <>
            <Age moment={last.due} />{' '}
            <span className={`text-ink ${dense ? 'md:ml-1' : 'md:block'}`}>
              {formatMicros(last.duration_us)}
            </span>
          </>
        ) : (
          '–'
        )}
      </div>
    </>
  )
}

// The reason of what is not up leads to its incident, above the link that fills the row.
function Reason({ endpoint }: { endpoint: Endpoint }) {
  const { namespace, health, reason, incident } = endpoint
  const told = health !== 'up' && reason
  return (
    <div className="min-w-0 truncate text-xs text-muted" title={reason}>
      <bdi>{namespace}</bdi>
      {told && ' · '}
      {told && incident === undefined && <bdi className="text-ink">{reason}</bdi>}
      {told && incident !== undefined && (
        <Link
          to={incidentPath(incident)}
          className="relative text-ink underline decoration-line underline-offset-2 hover:decoration-ink"
        >
          <bdi>{reason}</bdi>
        </Link>
      )}
    </div>
  )
}
