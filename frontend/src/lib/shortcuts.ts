import { useSyncExternalStore } from 'react'

const storageKey = 'shortcuts'
const listeners = new Set<() => void>()
let chosen: boolean | undefined

/** Whether single letters and signs act as keys in this browser: yes, until someone switched them off. */
export function shortcutsOn(): boolean {
  chosen ??= stored() !== 'off'
  return chosen
}

/** Switches single letters and signs on or off, and remembers it. */
export function switchShortcuts(on: boolean) {
  chosen = on
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off')
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
  for (const listener of listeners) listener()
}

/** Whether single letters and signs act, followed as that is switched. */
export function useShortcuts(): boolean {
  return useSyncExternalStore(subscribe, shortcutsOn)
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
