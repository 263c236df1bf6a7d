import { useCallback, useEffect, useRef } from 'react'
import { useKeys } from '@/lib/keys'

/**
 * Moves through the rows of the log: j and k go down and up, Enter opens as on
 * any link, Escape closes. While a check is open the next row opens at once.
 */
export function useCheckKeys(chosen: number | undefined, onCheck: (due: number | undefined) => void) {
  const close = useCallback(() => onCheck(undefined), [onCheck])
  useReturn(chosen)
  const move = (step: number) => () => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-check]')]
    const at = rows.findIndex(row => row === (chosen === undefined ? document.activeElement : rowOf(chosen)))
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(at + step, rows.length - 1))]
    if (!next) return false
    next.focus()
    if (chosen !== undefined) onCheck(Number(next.dataset.check))
    return true
  }
  useKeys({
    j: move(1),
    k: move(-1),
    Escape: () => {
      if (chosen === undefined) return false
      close()
      return true
    },
  })
  return close
}

// However a check is closed, by Back as well, the focus that it leaves behind
// goes to its row, or to the first one when its own is not there.
function useReturn(chosen: number | undefined) {
  const shown = useRef(chosen)
  useEffect(() => {
    const before = shown.current
    shown.current = chosen
    if (before === undefined || chosen !== undefined || document.activeElement !== document.body) return
    const row = rowOf(before) ?? document.querySelector<HTMLElement>('[data-check]')
    row?.focus()
  }, [chosen])
}

function rowOf(due: number): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-check="${due}"]`)
}
