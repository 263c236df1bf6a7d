import { type ReactNode, useSyncExternalStore } from 'react'
import { useNow } from '@/lib/clock'
import { formatAge } from '@/lib/format'
import { connectionOf, connectionWords } from './connection'
import type { LiveFeed } from './live-feed'

const good = { dot: 'bg-up', text: 'text-up-text' }
const wanting = { dot: 'border-2 border-degraded', text: 'text-degraded-text' }

const looks = {
  connecting: { dot: 'border-2 border-unknown', text: 'text-muted' },
  live: good,
  reconnected: good,
  reconnecting: wanting,
  asking: wanting,
  disconnected: { dot: 'border-2 border-down', text: 'text-down-text' },
}

/** Whether the page follows the monitor, and how old its data may be. */
export function LiveIndicator({ feed }: { feed: LiveFeed }) {
  const freshness = useSyncExternalStore(feed.subscribe, feed.freshness)
  const now = useNow()
  const connection = connectionOf(freshness, now)
  const { dot, text } = looks[connection]
  const { word, rest } = connectionWords[connection]
  const age = freshness.heard > 0 ? formatAge(freshness.heard, now) : undefined
  return (
    <p className={`flex items-center gap-1.5 text-xs ${text}`}>
      <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-full ${dot}`} />
      <span>
        <span role="status" className="font-medium">
          {word}
        </span>
        <Muted>{rest(age)}</Muted>
      </span>
    </p>
  )
}

function Muted({ children }: { children: ReactNode }) {
  return <span className="text-muted">{children}</span>
}
