import { useEffect, useRef } from 'react'
import { SearchField } from '@/ui/search-field'

interface FilterBarProps {
  text: string
  namespace: string
  namespaces: readonly string[]
  onText(text: string): void
  onNamespace(namespace: string): void
}

/** Narrows the list by text and by namespace. The key / leads to the text. */
export function FilterBar({ text, namespace, namespaces, onText, onNamespace }: FilterBarProps) {
  const field = useRef<HTMLInputElement>(null)
  useSlashKey(() => field.current?.focus())
  const known = namespace === '' || namespaces.includes(namespace) ? namespaces : [namespace, ...namespaces]
  return (
    <search className="flex flex-wrap gap-2">
      <SearchField ref={field} label="Search endpoints" value={text} onChange={onText} />
      <label className="flex min-w-0 items-center gap-2 text-sm max-sm:w-full">
        <span className="text-muted">Namespace</span>
        <select
          value={namespace}
          onChange={event => onNamespace(event.target.value)}
          className="h-9 min-w-0 rounded-md border border-line bg-surface px-2 max-sm:flex-1 sm:w-40"
        >
          <option value="">All</option>
          {known.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </search>
  )
}

function useSlashKey(act: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, select, textarea')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  })
}
