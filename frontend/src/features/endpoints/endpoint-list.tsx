import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type Density, rowHeights } from '@/lib/density'
import { useMedia } from '@/lib/media'
import type { ListItem } from './arrangement'
import { EndpointRow } from './endpoint-row'
import type { EndpointStore } from './endpoint-store'
import { GroupRow } from './group-row'
import { ListHead } from './list-head'
import { cardHeight, groupHeight } from './row-grid'
import { useCursor, useCursorKeys } from './use-cursor'
import { watchedKeys } from './watched-keys'

// Rows are told apart by their slot on screen, not by their endpoint: scrolling
// then changes rows instead of making them. More never fit on a screen.
const slots = 97

/** The height of the header that stays at the top of the page, and a little air, in pixels. */
const headerHeight = 64
// What may stand at the foot of the window.
const footHeight = 96

interface EndpointListProps {
  store: EndpointStore
  items: readonly ListItem[]
  density: Density
  /** Opens or closes a group. */
  onToggle(group: string): void
  /** The pointer is at work in the list. */
  onHold(): void
  /** The rows in sight have changed: the keys in sight, then their neighbours. */
  onWatch(keys: string[], inSight: number): void
}

/** The endpoints as a table of which only the rows in sight exist, and the one with the focus. */
export function EndpointList({ store, items, density, onToggle, onHold, onWatch }: EndpointListProps) {
  const body = useRef<HTMLDivElement>(null)
  const wide = useMedia('(min-width: 48rem)')
  const height = wide ? rowHeights[density] : cardHeight
  const cursor = useCursor(items, body)
  const [margin, setMargin] = useState(0)
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0))
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: index => (items[index]?.kind === 'group' ? Math.min(height, groupHeight) : height),
    overscan: 6,
    scrollMargin: margin,
    scrollPaddingStart: headerHeight,
    scrollPaddingEnd: footHeight,
    rangeExtractor: range => withIndex(defaultRangeExtractor(range), cursor.index),
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: new heights make every measure void
  useLayoutEffect(() => virtualizer.measure(), [height, items, virtualizer])
  const { startIndex = 0, endIndex = -1 } = virtualizer.range ?? {}
  useCursorKeys(items, { index: cursor.index, first: startIndex }, next => {
    cursor.moveTo(next)
    virtualizer.scrollToIndex(next)
  })
  useEffect(() => {
    const keys = items.map(item => (item.kind === 'endpoint' ? item.endpoint.key : undefined))
    const inSight = keys.slice(startIndex, endIndex + 1).filter(key => key !== undefined).length
    onWatch(watchedKeys(keys, startIndex, endIndex), inSight)
  }, [items, startIndex, endIndex, onWatch])
  return (
    <div
      role="table"
      aria-label="Endpoints"
      aria-rowcount={items.length + 1}
      onPointerMove={onHold}
      onWheel={onHold}
      {...cursor.handlers}
    >
      <ListHead />
      <div ref={body} role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start, size }) => {
          const item = items[index]
          const key = index < startIndex - slots / 3 || index > endIndex + slots / 3 ? 'far' : index % slots
          const place = { index, top: start - margin, height: size }
          if (item?.kind === 'group')
            return <GroupRow key={key} group={item} onToggle={onToggle} {...place} />
          const shown = item?.endpoint.key ?? ''
          const dense = density !== 'roomy'
          return <EndpointRow key={key} store={store} endpointKey={shown} dense={dense} {...place} />
        })}
      </div>
    </div>
  )
}

function withIndex(indexes: number[], index: number): number[] {
  return index < 0 || indexes.includes(index) ? indexes : [...indexes, index].sort((a, b) => a - b)
}
