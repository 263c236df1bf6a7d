import { type ReactNode, type SyntheticEvent, useEffect, useRef } from 'react'
import { useMedia } from '@/lib/media'

interface SheetProps {
  /** The ID of the heading that names it. */
  labelledBy: string
  onClose(): void
  children: ReactNode
}

const look =
  'fixed inset-y-0 right-0 z-20 overflow-y-auto overscroll-contain border-line bg-surface p-4 text-ink'

/**
 * Something in full at the right of the page. Beside it a wide page stays at
 * hand; on a phone it fills the screen, so it is a dialog there: the focus
 * moves in and stays until it is closed.
 */
export function Sheet(props: SheetProps) {
  return useMedia('(min-width: 40rem)') ? <Beside {...props} /> : <Over {...props} />
}

function Beside({ labelledBy, children }: SheetProps) {
  return (
    <section aria-labelledby={labelledBy} className={`${look} w-110 border-l shadow-xl`}>
      {children}
    </section>
  )
}

function Over({ labelledBy, onClose, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  // The page takes it away: what is open stands in the URL.
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault()
    onClose()
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby={labelledBy}
      data-page-keys
      onCancel={cancel}
      className={`${look} m-0 h-dvh max-h-none w-full max-w-none`}
    >
      {children}
    </dialog>
  )
}
