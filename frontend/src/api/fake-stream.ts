/** A request for the stream, which a test answers and feeds. */
export class FakeStream {
  readonly url: string
  readonly headers: Record<string, string>
  readonly #settle: (answer: Response | Error) => void
  readonly #signal: AbortSignal | null | undefined
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(url: string, init: RequestInit | undefined, settle: (answer: Response | Error) => void) {
    this.url = url
    this.headers = { ...(init?.headers as Record<string, string>) }
    this.#signal = init?.signal
    this.#settle = settle
    this.#signal?.addEventListener('abort', () => settle(new DOMException('aborted', 'AbortError')))
  }

  /** Whether the page has given the connection up. */
  get dropped(): boolean {
    return this.#signal?.aborted ?? false
  }

  accept(contentType = 'text/event-stream') {
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        this.#controller = controller
      },
    })
    this.#signal?.addEventListener('abort', () => this.break())
    this.#settle(new Response(body, { headers: { 'Content-Type': contentType } }))
  }

  refuse(status: number) {
    this.#settle(new Response('{}', { status }))
  }

  /** Leaves the request without an answer, as when nothing listens. */
  fail() {
    this.#settle(new TypeError('connection refused'))
  }

  feed(text: string) {
    this.#controller?.enqueue(new TextEncoder().encode(text))
  }

  end() {
    this.#controller?.close()
  }

  break() {
    try {
      this.#controller?.error(new TypeError('network error'))
    } catch {
      // It had ended already.
    }
  }
}

/** A fetch whose requests a test answers, in order. */
export function fakeStreams() {
  const streams: FakeStream[] = []
  const fetch = (input: RequestInfo | URL, init?: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const settle = (answer: Response | Error) =>
        answer instanceof Response ? resolve(answer) : reject(answer)
      streams.push(new FakeStream(String(input), init, settle))
    })
  const newest = () => {
    const stream = streams.at(-1)
    if (!stream) throw new Error('no stream was asked for')
    return stream
  }
  return { streams, newest, fetch: fetch as typeof globalThis.fetch }
}
