import { type LiveEvent, type LiveState, LiveStream } from '@/api/live-stream'
import type { Session } from '@/api/session'

/** How fresh the page is. */
export interface Freshness {
  state: LiveState
  /** When the stream was last heard, in Unix milliseconds; 0 for never. */
  heard: number
  /** Whether the newest request got no answer at all. */
  lost: boolean
  /** When the stream came back after it had been away for long, in Unix milliseconds; 0 for never. */
  back: number
}

/** Where a feed's news come from and go to. */
export interface LiveNews {
  fetch: typeof fetch
  onEvent(event: LiveEvent): void
  /** Everything must be fetched again. */
  onFresh(): void
}

/** How long the rows in sight must stand before the stream follows them, in milliseconds. */
export const settle = 300

/** The page's one live stream: started and stopped with the page, pointed at the rows in sight. */
export class LiveFeed {
  readonly #session: Session
  readonly #url: string
  readonly #news: LiveNews
  readonly #listeners = new Set<() => void>()
  #freshness: Freshness = { state: 'connecting', heard: 0, lost: false, back: 0 }
  #watched: readonly string[] = []
  #stream: LiveStream | undefined
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(session: Session, url: string, news: LiveNews) {
    this.#session = session
    this.#url = url
    this.#news = news
  }

  start() {
    this.#stream?.close()
    this.#stream = new LiveStream({
      url: this.#url,
      headers: () => this.#session.headers(),
      ids: () => this.#watched,
      fetch: this.#news.fetch,
      onEvent: this.#news.onEvent,
      onFresh: this.#news.onFresh,
      onState: state => this.#enter(state),
      onAnswer: answered => this.#set({ ...this.#freshness, lost: !answered }),
      onHeard: () => this.#set({ ...this.#freshness, heard: Date.now() }),
      onRefused: () => this.#session.refuse(),
    })
  }

  stop() {
    clearTimeout(this.#settling)
    this.#stream?.close()
    this.#stream = undefined
  }

  /** Follows the results of these endpoints, of which the first are in sight. */
  readonly watch = (keys: readonly string[], inSight: number) => {
    clearTimeout(this.#settling)
    const covered = new Set(this.#watched)
    if (keys.slice(0, inSight).every(key => covered.has(key))) return
    this.#settling = setTimeout(() => {
      this.#watched = keys
      this.#stream?.reconnect()
    }, settle)
  }

  /** Another request than the stream's was answered or not. Once one is, the stream need not wait any longer. */
  readonly answered = (answered: boolean, data: boolean) => {
    const { lost, state } = this.#freshness
    const heard = data ? Date.now() : this.#freshness.heard
    this.#set({ ...this.#freshness, lost: !answered, heard })
    if (answered && lost && state === 'polling') this.#stream?.reconnect()
  }

  readonly freshness = () => this.#freshness

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #enter(state: LiveState) {
    const before = this.#freshness
    const back = state === 'live' && before.state === 'polling' ? Date.now() : before.back
    this.#set({ ...before, state, back })
  }

  // The page shows whole seconds: more precise news are not worth a render.
  #set(next: Freshness) {
    const { state, heard, lost } = this.#freshness
    if (next.state === state && next.lost === lost && next.heard - heard < 500) return
    this.#freshness = next
    for (const listener of this.#listeners) listener()
  }
}
