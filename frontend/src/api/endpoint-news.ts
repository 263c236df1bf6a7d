import type { LiveEndpoint } from './types'

type Listener = (news: LiveEndpoint) => void

/** Passes what the stream tells of an endpoint to whoever asked for it. */
export class EndpointNews {
  readonly #listeners = new Map<string, Set<Listener>>()

  tell(changes: readonly LiveEndpoint[]) {
    for (const change of changes) {
      for (const listener of this.#listeners.get(change.key) ?? []) listener(change)
    }
  }

  subscribe(key: string, listener: Listener) {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
  }
}
