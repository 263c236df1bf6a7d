import { HealthIcon } from '@/ui/health-icon'
import type { GroupHead } from './arrangement'
import { unhealthyWords, worstHealth } from './group-health'
import { groupKey } from './use-cursor'

interface GroupRowProps {
  group: GroupHead
  /** Its place in the list, from 0. */
  index: number
  /** Pixels from the top of the list. */
  top: number
  /** In pixels. */
  height: number
  onToggle(name: string): void
}

/** The head of a group: its name, how many endpoints, and how many of them are not up. It opens and closes the group. */
export function GroupRow({ group, index, top, height, onToggle }: GroupRowProps) {
  const unhealthy = unhealthyWords(group.counts)
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-key={groupKey(group.name)}
      className="absolute inset-x-0 border-b border-line bg-raised"
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <div role="cell" aria-colspan={4} className="h-full">
        <button
          type="button"
          aria-expanded={!group.closed}
          onClick={() => onToggle(group.name)}
          className="flex h-full w-full cursor-pointer items-center gap-3 px-3 text-left text-sm -outline-offset-2 md:px-4"
        >
          <Chevron closed={group.closed} />
          <bdi className="min-w-16 truncate font-semibold">{group.name || 'Without this tag'}</bdi>
          <span className="shrink-0 text-xs text-muted">
            {group.total === 1 ? '1 endpoint' : `${group.total.toLocaleString()} endpoints`}
          </span>
          <span className="flex min-w-0 items-center gap-1.5 text-xs font-medium">
            <HealthIcon health={worstHealth(group.counts)} />
            <span className="truncate">{unhealthy || 'all up'}</span>
          </span>
        </button>
      </div>
    </div>
  )
}

function Chevron({ closed }: { closed: boolean }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 12 12" className={`size-3 shrink-0 ${closed ? '' : 'rotate-90'}`}>
      <path d="m4 2 4 4-4 4" className="fill-none stroke-current" strokeWidth="1.6" />
    </svg>
  )
}
