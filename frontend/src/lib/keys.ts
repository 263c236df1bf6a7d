import { useEffect, useRef } from 'react'
import { shortcutsOn } from './shortcuts'

/**
 * Acts on keys pressed anywhere but in fields; an action that returns true
 * keeps the key from doing more. Single letters and signs act only while they
 * are switched on, and nothing acts behind a dialog that does not ask for it
 * by data-page-keys.
 */
export function useKeys(actions: Record<string, () => boolean>) {
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, select, textarea')
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key.length === 1 && !shortcutsOn()) return
      if (document.querySelector('dialog[open]:not([data-page-keys])')) return
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined
      if (act?.()) event.preventDefault()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}
