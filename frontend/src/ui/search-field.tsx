import { type Ref, useEffect, useRef, useState } from 'react'

interface SearchFieldProps {
  ref?: Ref<HTMLInputElement>
  label: string
  /** The key that leads here, if one does. */
  shortcut: string | undefined
  value: string
  onChange(value: string): void
}

/**
 * A field for search text. It keeps what is being typed, because the value
 * comes back by way of the URL and may be a moment late; a value that was not
 * typed here, as after Back, replaces it.
 */
export function SearchField({ ref, label, shortcut, value, onChange }: SearchFieldProps) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    if (value === sent.current) return
    sent.current = value
    setText(value)
  }, [value])
  const change = (next: string) => {
    sent.current = next
    setText(next)
    onChange(next)
  }
  return (
    <input
      ref={ref}
      type="search"
      aria-label={label}
      aria-keyshortcuts={shortcut}
      placeholder={shortcut ? `${label}  ( ${shortcut} )` : label}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={event => change(event.target.value)}
      onKeyDown={event => event.key === 'Escape' && change('')}
      className="h-9 min-w-0 flex-1 basis-64 rounded-md border border-line bg-surface px-3 text-sm placeholder:text-muted"
    />
  )
}
