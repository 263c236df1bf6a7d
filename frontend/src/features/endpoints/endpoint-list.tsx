import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useMedia } from '@/lib/media'
import { EndpointRow } from './endpoint-row'
import type { Endpoint, EndpointStore } from './endpoint-store'
import { ListHead } from './list-head'
import { rowHeight } from './row-grid'
import { watchedKeys } from './watched-keys'

// Rows are told apart by their slot on screen, not by their endpoint: scrolling
// then changes rows instead of making them. More never fit on a screen.
const slots = 97

interface EndpointListProps {
  store: EndpointStore
  rows: readonly Endpoint[]
  /** The pointer is at work in the list. */
  onHold(): void
  /** The rows in sight have changed: the keys in sight, then their neighbours. */
  onWatch(keys: string[], inSight: number): void
}

/** The endpoints as a table of which only the rows in sight exist. */
export function EndpointList({ store, rows, onHold, onWatch }: EndpointListProps) {
  const body = useRef<HTMLDivElement>(null)
  const wide = useMedia('(min-width: 48rem)')
  const height = rowHeight(wide)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0))
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 6,
    scrollMargin: margin,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height makes every measure void
  useLayoutEffect(() => virtualizer.measure(), [height, virtualizer])
  const { startIndex = 0, endIndex = -1 } = virtualizer.range ?? {}
  useEffect(() => {
    const keys = rows.map(row => row.key)
    onWatch(watchedKeys(keys, startIndex, endIndex), endIndex - startIndex + 1)
  }, [rows, startIndex, endIndex, onWatch])
  return (
    <div
      role="table"
      aria-label="Endpoints"
      aria-rowcount={rows.length + 1}
      onPointerMove={onHold}
      onWheel={onHold}
    >
      <ListHead />
      <div ref={body} role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(item => (
          <EndpointRow
            key={item.index % slots}
            store={store}
            endpointKey={rows[item.index]?.key ?? ''}
            index={item.index}
            top={item.start - margin}
          />
        ))}
      </div>
    </div>
  )
}
