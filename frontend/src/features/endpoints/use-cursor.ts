import { type FocusEvent, type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useKeys } from '@/lib/keys'
import type { ListItem } from './arrangement'

/** What tells the head of a group from every other row. No endpoint's key has a space. */
export function groupKey(name: string): string {
  return `group ${name}`
}

/**
 * The row that has the focus, by its endpoint or group: whatever happens to
 * the order, the focus goes with it. The keys j and k lead to the next row and
 * to the one before.
 */
export function useCursor(items: readonly ListItem[], list: RefObject<HTMLElement | null>) {
  const [cursor, setCursor] = useState<string>()
  const inside = useRef(false)
  const index = useMemo(() => (cursor === undefined ? -1 : indexOf(items, cursor)), [items, cursor])
  useLayoutEffect(() => {
    if (!inside.current || cursor === undefined) return
    const row = list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(cursor)}"]`)
    if (row && !row.contains(document.activeElement))
      row.querySelector<HTMLElement>('a, button')?.focus({ preventScroll: true })
  })
  const onFocus = (event: FocusEvent) => {
    const row = event.target.closest<HTMLElement>('[data-key]')
    inside.current = row !== null
    if (row) setCursor(row.dataset.key)
  }
  const onBlur = (event: FocusEvent) => {
    inside.current = event.currentTarget.contains(event.relatedTarget)
  }
  const moveTo = (next: number) => {
    const item = items[next]
    if (!item) return
    inside.current = true
    setCursor(keyOf(item))
  }
  return { index, moveTo, handlers: { onFocus, onBlur } }
}

/** Moves a cursor by the keys j and k; the first key leads to the first row in sight. */
export function useCursorKeys(
  items: readonly ListItem[],
  { index, first }: { index: number; first: number },
  move: (next: number) => void,
) {
  const step = (by: 1 | -1) => {
    const next = index < 0 ? first : index + by
    if (items[next]) move(next)
    return true
  }
  useKeys({ j: () => step(1), k: () => step(-1) })
}

function indexOf(items: readonly ListItem[], key: string): number {
  return items.findIndex(item => keyOf(item) === key)
}

function keyOf(item: ListItem): string {
  return item.kind === 'endpoint' ? item.endpoint.key : groupKey(item.name)
}
