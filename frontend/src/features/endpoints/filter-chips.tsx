import { healthWords } from '@/lib/health'
import type { EndpointFilters } from './filters'

interface FilterChipsProps {
  filters: EndpointFilters
  /** Takes one filter away. */
  onRemove(name: keyof EndpointFilters): void
  onClear(): void
}

/** What narrows the list now, each with a way to take it away; nothing when nothing does. */
export function FilterChips({ filters, onRemove, onClear }: FilterChipsProps) {
  const { health, namespace, q } = filters
  const chips: [keyof EndpointFilters, string, string | undefined][] = [
    ['health', 'Health', health && healthWords[health]],
    ['namespace', 'Namespace', namespace],
    ['q', 'Text', q],
  ]
  const shown = chips.filter(([, , value]) => value !== undefined)
  if (shown.length === 0) return null
  return (
    <ul aria-label="Filters" className="flex flex-wrap items-center gap-2 text-xs">
      {shown.map(([name, word, value]) => (
        <li key={name} className="min-w-0 max-w-full">
          <button
            type="button"
            aria-label={`Remove the filter ${word}: ${value}`}
            onClick={() => onRemove(name)}
            className="flex min-h-7 max-w-full cursor-pointer items-center gap-2 rounded-full border border-line bg-surface px-3 hover:bg-raised"
          >
            <span className="text-muted">{word}</span>
            <bdi className="truncate">{value}</bdi>
            <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {shown.length > 1 && (
        <li>
          <button
            type="button"
            onClick={onClear}
            className="min-h-7 cursor-pointer px-2 text-accent underline"
          >
            Clear all
          </button>
        </li>
      )}
    </ul>
  )
}
