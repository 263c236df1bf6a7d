import { backoff } from '@/lib/backoff'
import { readStream } from '@/lib/sse'
import { Watchdog } from '@/lib/watchdog'

/** How the page gets its news. Polling means: the stream failed three times or more. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'polling'

/** One event of the stream, its data decoded. */
export interface LiveEvent {
  type: string
  data: unknown
}

/** What a stream needs, and whom it tells. */
export interface LiveOptions {
  url: string
  headers(): Record<string, string>
  /** The keys of the endpoints whose results are wanted, asked at each connect. */
  ids(): readonly string[]
  onEvent(event: LiveEvent): void
  /** A connection stands that does not continue an earlier one: everything must be fetched again. */
  onFresh(): void
  onState(state: LiveState): void
  /** Something arrived, if only a heartbeat. */
  onHeard(): void
  /** A connection came about or not: whether anything answers at the other end. */
  onAnswer(answered: boolean): void
  /** The server wants a valid token. The stream has ended. */
  onRefused(): void
  fetch?: typeof fetch
  random?: () => number
}

/** After so much silence a connection counts as dead, in milliseconds; the server's heart beats every 15 s. */
export const silenceLimit = 40_000

/** How many failed connections in a row turn polling on. */
export const failureLimit = 3

const defaultRetry = 2_000

/**
 * Follows the live stream: connects, reads, and connects again from the last
 * event until it is closed.
 */
export class LiveStream {
  readonly #options: LiveOptions
  readonly #closed = new AbortController()
  #connection: AbortController | undefined
  #wake: (() => void) | undefined
  #lastEventId = ''
  #retry = defaultRetry
  #failures = 0
  #hurried = false

  constructor(options: LiveOptions) {
    this.#options = options
    options.onState('connecting')
    void this.#run()
  }

  /** Connects anew at once, from the last event: the wanted endpoints have changed. */
  reconnect() {
    this.#hurried = true
    this.#connection?.abort()
    this.#wake?.()
  }

  close() {
    this.#closed.abort()
    this.#connection?.abort()
    this.#wake?.()
  }

  async #run() {
    while (!this.#closed.signal.aborted) {
      this.#hurried = false
      const opened = await this.#follow()
      if (this.#closed.signal.aborted) return
      if (this.#hurried) continue
      this.#failures = opened ? 0 : this.#failures + 1
      this.#options.onState(this.#failures >= failureLimit ? 'polling' : 'reconnecting')
      await this.#pause(backoff(this.#failures, this.#retry, this.#options.random ?? Math.random))
    }
  }

  // Reads one connection to its end. Tells whether there was one.
  async #follow(): Promise<boolean> {
    const connection = new AbortController()
    this.#connection = connection
    const watchdog = new Watchdog(silenceLimit, () => connection.abort())
    let opened = false
    try {
      const response = await this.#connect(connection.signal)
      this.#options.onAnswer(true)
      if (response.status === 401) {
        this.close()
        this.#options.onRefused()
      }
      if (!response.ok || !response.body || !isStream(response)) return false
      opened = true
      this.#opened()
      await readStream(response.body, {
        onEvent: event => this.#event(event.event ?? 'message', event.data, event.id),
        onRetry: milliseconds => {
          this.#retry = milliseconds
        },
        onBytes: () => {
          watchdog.feed()
          this.#options.onHeard()
        },
      })
      return true
    } catch {
      if (!opened && !this.#hurried && !this.#closed.signal.aborted) this.#options.onAnswer(false)
      return opened
    } finally {
      watchdog.stop()
      connection.abort()
    }
  }

  #connect(signal: AbortSignal): Promise<Response> {
    const { url, headers, ids, fetch: send = fetch } = this.#options
    const keys = ids()
    const query = keys.length > 0 ? `?ids=${keys.map(encodeURIComponent).join(',')}` : ''
    return send(url + query, {
      signal,
      cache: 'no-store',
      headers: {
        Accept: 'text/event-stream',
        ...headers(),
        ...(this.#lastEventId && { 'Last-Event-ID': this.#lastEventId }),
      },
    })
  }

  #opened() {
    this.#failures = 0
    this.#options.onState('live')
    if (this.#lastEventId === '') this.#options.onFresh()
  }

  #event(type: string, data: string, id: string | undefined) {
    if (id !== undefined) this.#lastEventId = id
    try {
      this.#options.onEvent(decode(type, data))
    } catch (fault) {
      reportError(fault) // the page's fault, not the connection's
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

// An event that cannot be read is a gap, and the cure for a gap is to fetch everything again.
function decode(type: string, data: string): LiveEvent {
  try {
    return { type, data: JSON.parse(data) }
  } catch {
    return { type: 'resync', data: {} }
  }
}

function isStream(response: Response): boolean {
  return (response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')
}
