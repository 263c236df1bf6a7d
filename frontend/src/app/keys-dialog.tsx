import { useEffect, useRef } from 'react'
import { switchShortcuts, useShortcuts } from '@/lib/shortcuts'
import { Button } from '@/ui/button'

const keys: readonly (readonly [string, string])[] = [
  ['/', 'Search the endpoints'],
  ['j', 'The next row'],
  ['k', 'The row before'],
  ['g o', 'Go to the overview'],
  ['g i', 'Go to the incidents'],
  ['?', 'List the keys'],
]

const alwaysKeys: readonly (readonly [string, string])[] = [
  ['Enter', 'Open the row, or a group'],
  ['Escape', 'Close, or empty the search'],
]

/** Lists the keys that the pages know, and switches those off that are single letters and signs. */
export function KeysDialog({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const on = useShortcuts()
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="keys"
      onClose={onClose}
      className="m-auto w-88 max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-surface p-4 text-ink"
    >
      <h2 id="keys" className="mb-3 text-lg font-semibold">
        Keys
      </h2>
      <Keys of={alwaysKeys} />
      <label className="mt-4 mb-2 flex min-h-9 cursor-pointer items-center justify-between gap-4 border-t border-line pt-3 text-sm font-medium">
        Single letters and signs
        <input
          type="checkbox"
          role="switch"
          aria-checked={on}
          aria-describedby="keys-hint"
          checked={on}
          onChange={event => switchShortcuts(event.target.checked)}
          className="size-5 accent-accent"
        />
      </label>
      <p id="keys-hint" className="mb-3 text-xs text-muted">
        {on
          ? 'Switch them off if speech input or a stray key sets them off. This browser remembers it.'
          : 'They are off in this browser.'}
      </p>
      {on && <Keys of={keys} />}
      <div className="mt-4">
        <Button onClick={() => dialog.current?.close()}>Close</Button>
      </div>
    </dialog>
  )
}

function Keys({ of }: { of: typeof keys }) {
  return (
    <dl className="grid grid-cols-[4rem_1fr] items-center gap-x-4 gap-y-2 text-sm">
      {of.map(([key, does]) => (
        <div key={key} className="contents">
          <dt>
            <kbd className="rounded border border-line bg-raised px-1.5 py-0.5 text-xs">{key}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  )
}
