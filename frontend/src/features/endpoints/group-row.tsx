import { type ListItem, unhealthyWords } from './arrangement'

interface GroupRowProps {
  group: Extract<ListItem, { kind: 'group' }>
  /** Its place in the list, from 0. */
  index: number
  /** Pixels from the top of the list. */
  top: number
  /** In pixels. */
  height: number
}

/** The head of a group: its name, how many endpoints, and how many of them are not up. */
export function GroupRow({ group, index, top, height }: GroupRowProps) {
  const unhealthy = unhealthyWords(group.counts)
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="absolute inset-x-0 border-b border-line bg-raised px-3 md:px-4"
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <div role="cell" aria-colspan={4} className="flex h-full min-w-0 items-center gap-3 text-sm">
        <bdi className="truncate font-semibold">{group.name || 'Without this tag'}</bdi>
        <span className="shrink-0 text-xs text-muted">
          {group.total === 1 ? '1 endpoint' : `${group.total.toLocaleString()} endpoints`}
        </span>
        <span className={`shrink-0 text-xs font-medium ${unhealthy ? 'text-down-text' : 'text-up-text'}`}>
          {unhealthy || 'all up'}
        </span>
      </div>
    </div>
  )
}
