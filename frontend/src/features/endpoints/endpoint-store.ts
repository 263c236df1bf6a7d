import type { EndpointSummary, LiveEndpoint, LiveResult } from '@/api/types'
import { barCells } from '@/lib/bar'
import type { Health } from '@/lib/health'

/** An endpoint as the list shows it. A value never changes: news make a new one. */
export interface Endpoint {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly url: string
  /** Its tags as text, for the search. */
  readonly tags: string
  readonly tagValues: Readonly<Record<string, string>>
  readonly health: Health
  readonly since: string | undefined
  readonly reason: string | undefined
  readonly incident: string | undefined
  readonly last: LiveResult | undefined
  /** The newest checks, oldest first, one letter each. */
  readonly recent: string
}

/** How long a change of health may wait before counters and order follow, in milliseconds. */
export const reorderPause = 1_000

type Listener = () => void

/**
 * The endpoints and what is known of them, outside React: thousands of results
 * a second change values here, and once a frame the rows on screen that have
 * changed are told. Counters and order are told of changes once a second.
 */
export class EndpointStore {
  #byKey = new Map<string, Endpoint>()
  #all: readonly Endpoint[] | undefined = []
  #version = 0
  #meanwhile: LiveEndpoint[] | undefined
  readonly #dirty = new Set<string>()
  readonly #rows = new Map<string, Set<Listener>>()
  readonly #shape = new Set<Listener>()
  #framePending = false
  #reorder: ReturnType<typeof setTimeout> | undefined
  readonly #frame: (flush: Listener) => void

  constructor(frame: (flush: Listener) => void = flush => requestAnimationFrame(flush)) {
    this.#frame = frame
  }

  /** Every endpoint, in the server's order. */
  all(): readonly Endpoint[] {
    this.#all ??= [...this.#byKey.values()]
    return this.#all
  }

  readonly get = (key: string): Endpoint | undefined => this.#byKey.get(key)

  /** A number that grows when endpoints come, go or change their health. */
  readonly version = () => this.#version

  /**
   * Fetches a snapshot and replaces everything by it. What arrives meanwhile may
   * be newer than the snapshot, so it is applied again. Of two refreshes at a
   * time the later one counts.
   */
  async refresh(fetch: () => Promise<readonly EndpointSummary[]>): Promise<void> {
    const meanwhile: LiveEndpoint[] = []
    this.#meanwhile = meanwhile
    try {
      const items = await fetch()
      if (this.#meanwhile === meanwhile) this.#load(items, meanwhile)
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = undefined
    }
  }

  /** Applies news from the stream. Those of endpoints that it does not know are left out. */
  apply(changes: readonly LiveEndpoint[]) {
    for (const change of changes) {
      this.#meanwhile?.push(change)
      this.#change(change)
    }
    if (this.#dirty.size > 0) this.#scheduleFrame()
  }

  readonly subscribeVersion = (listener: Listener) => {
    this.#shape.add(listener)
    return () => this.#shape.delete(listener)
  }

  /** Tells the listener, at most once a frame, that one endpoint has changed. */
  subscribe(key: string, listener: Listener) {
    const listeners = this.#rows.get(key) ?? new Set()
    this.#rows.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#rows.delete(key)
    }
  }

  #change(change: LiveEndpoint) {
    const before = this.#byKey.get(change.key)
    if (!before) return
    this.#byKey.set(change.key, merge(before, change))
    this.#all = undefined
    this.#dirty.add(change.key)
    if (before.health !== change.health) this.#reorder ??= setTimeout(() => this.#reshape(), reorderPause)
  }

  #load(items: readonly EndpointSummary[], meanwhile: readonly LiveEndpoint[]) {
    this.#byKey = new Map(items.map(item => [item.key, fromSummary(item)]))
    this.#all = undefined
    for (const change of meanwhile) this.#change(change)
    for (const key of this.#rows.keys()) this.#dirty.add(key)
    this.#scheduleFrame()
    this.#reshape()
  }

  #scheduleFrame() {
    if (this.#framePending) return
    this.#framePending = true
    this.#frame(() => this.#flush())
  }

  #flush() {
    this.#framePending = false
    const changed = [...this.#dirty]
    this.#dirty.clear()
    for (const key of changed) for (const listener of this.#rows.get(key) ?? []) listener()
  }

  #reshape() {
    clearTimeout(this.#reorder)
    this.#reorder = undefined
    this.#version++
    for (const listener of this.#shape) listener()
  }
}

function fromSummary(summary: EndpointSummary): Endpoint {
  const { key, namespace, name, url, health, since, reason, incident, last } = summary
  const tags = Object.entries(summary.tags ?? {}).map(tag => tag.join(':'))
  const recent = summary.recent ?? ''
  const known = { key, namespace, name, url, health, since, reason, incident, last, recent }
  return { ...known, tags: tags.join(' '), tagValues: summary.tags ?? {} }
}

// A result may come twice: in a snapshot and again in the stream. The second
// time it is not newer than the last one, and adds no cell. An extra check never
// has one: the bar is drawn in steps of the interval.
function merge(before: Endpoint, change: LiveEndpoint): Endpoint {
  const news = change.last && (!before.last || change.last.due > before.last.due) ? change.last : undefined
  const letter = news && (news.kind ?? 'scheduled') === 'scheduled' ? change.letter : undefined
  return {
    ...before,
    health: change.health,
    since: change.since,
    reason: change.reason,
    incident: change.incident,
    last: news ?? before.last,
    recent: change.recent ?? (letter ? append(before.recent, letter) : before.recent),
  }
}

function append(recent: string, letter: string): string {
  return (recent + letter).slice(-barCells)
}
