import { useRef } from 'react'
import { useKeys } from '@/lib/keys'

/** How long after g its second key counts, in milliseconds. */
const pause = 1_500

interface PageKeys {
  onKeys(): void
  onOverview(): void
  onIncidents(): void
}

/** The keys of every page: ? lists the keys, g o and g i lead to the pages. */
export function usePageKeys({ onKeys, onOverview, onIncidents }: PageKeys) {
  const pressed = useRef(Number.NEGATIVE_INFINITY)
  const second = (act: () => void) => () => {
    const follows = performance.now() - pressed.current < pause
    pressed.current = Number.NEGATIVE_INFINITY
    if (follows) act()
    return follows
  }
  useKeys({
    '?': () => {
      onKeys()
      return true
    },
    g: () => {
      pressed.current = performance.now()
      return false
    },
    o: second(onOverview),
    i: second(onIncidents),
  })
}
