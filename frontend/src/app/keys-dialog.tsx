import { useEffect, useRef } from 'react'
import { Button } from '@/ui/button'

const keys: readonly (readonly [string, string])[] = [
  ['/', 'Search the endpoints'],
  ['j', 'The next row'],
  ['k', 'The row before'],
  ['Enter', 'Open the row'],
  ['Escape', 'Close, or empty the search'],
  ['g o', 'Go to the overview'],
  ['g i', 'Go to the incidents'],
  ['?', 'List the keys'],
]

/** Lists the keys that the pages know. */
export function KeysDialog({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys"
      onClose={onClose}
      className="m-auto w-80 max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface p-4 text-ink"
    >
      <h2 id="keys" className="mb-3 text-lg font-semibold">
        Keys
      </h2>
      <dl className="mb-4 grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-sm">
        {keys.map(([key, does]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-line bg-raised px-1.5 py-0.5 text-xs">{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Button onClick={() => dialog.current?.close()}>Close</Button>
    </dialog>
  )
}
