import { useSyncExternalStore } from 'react'
import type { LiveState } from '@/api/live-stream'
import { useNow } from '@/lib/clock'
import { formatAge, formatTime } from '@/lib/format'
import type { LiveFeed } from './live-feed'

const looks: Record<LiveState, { word: string; dot: string; text: string }> = {
  connecting: { word: 'Connecting', dot: 'border-2 border-unknown', text: 'text-muted' },
  live: { word: 'Live', dot: 'bg-up', text: 'text-up-text' },
  reconnecting: { word: 'Reconnecting', dot: 'border-2 border-degraded', text: 'text-degraded-text' },
  polling: { word: 'Asking every 10 s', dot: 'border-2 border-degraded', text: 'text-degraded-text' },
}

/** Whether the page follows the monitor, and how old its data may be. */
export function LiveIndicator({ feed }: { feed: LiveFeed }) {
  const { state, heard } = useSyncExternalStore(feed.subscribe, feed.freshness)
  const { word, dot, text } = looks[state]
  return (
    <p className={`flex items-center gap-1.5 text-xs ${text}`}>
      <span aria-hidden="true" className={`size-2.5 rounded-full ${dot}`} />
      <span role="status">{word}</span>
      {heard > 0 && (
        <span className="text-muted">
          {state === 'live' ? <HeardAgo heard={heard} /> : `data from ${formatTime(heard)}`}
        </span>
      )}
    </p>
  )
}

function HeardAgo({ heard }: { heard: number }) {
  return formatAge(heard, useNow())
}
