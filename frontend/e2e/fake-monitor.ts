import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EndpointSummary, Incident, LiveEndpoint, Notice, Refused } from '../src/api/types'
import { sendAsset } from './assets'
import { definitionOf, FakeHistory } from './fake-history'
import { answerIncidents } from './fake-incidents'

const who = { subject: 'admin', auth: 'token', role: 'admin', namespaces: ['*'] }

/** One event of the stream as it was sent. */
interface SentEvent {
  id: number
  type: string
  data: unknown
}

/** What the page asked of the stream. */
export interface StreamRequest {
  ids: string[]
  lastEventId: string | undefined
}

/** A monitor that says what a test wants: its API answers, its stream, and the built dashboard. */
export class FakeMonitor {
  endpoints: EndpointSummary[] = []
  incidents: Incident[] = []
  /** What was told of every incident. */
  notices: Notice[] = []
  /** Who is to be told of every incident, besides those who have notices. */
  channels: string[] = []
  /** The definitions that were refused, if they were. */
  refused: Refused | undefined
  /** Since when the store has not answered, if it does not. */
  staleSince: string | undefined
  /** Answers everything with this status when set. */
  fault: { status: number; detail: string } | undefined
  /** Wanted as a bearer token when set. */
  token: string | undefined
  /** Answers the list with this problem when set. */
  listFault: string | undefined
  /** Answers everything with this status when set, the pages of single endpoints included. */
  everyFault: { status: number; detail: string } | undefined
  /** Cuts every connection when set: nobody is there. */
  gone = false
  /** How many requests for the list were cut off. */
  listsCut = 0
  /** Leaves the list unanswered when set, until it is to speak. */
  silent = false
  /** Refuses streams when set. */
  streamsDown = false
  /** Answers for the history and the checks of one endpoint with this problem when set. */
  historyFault: string | undefined
  /** What every endpoint has behind it. */
  history = new FakeHistory(Date.now())
  readonly streamRequests: StreamRequest[] = []
  readonly #sent: SentEvent[] = []
  readonly #unanswered: ServerResponse[] = []
  readonly #streams = new Set<ServerResponse>()
  readonly #server: Server = createServer((request, response) => this.#answer(request, response))

  async start(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop() {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  /** Sends one event to every stream; a stream that comes, or comes back, later gets it as well. */
  send(type: string, data: unknown) {
    const event = { id: this.#sent.length + 1, type, data }
    this.#sent.push(event)
    for (const stream of this.#streams) write(stream, event)
  }

  /** Changes an endpoint and tells it. */
  change(change: LiveEndpoint) {
    const endpoint = this.endpoints.find(known => known.key === change.key)
    const { health, reason, since } = change
    if (endpoint) Object.assign(endpoint, { health, reason, ...(since && { since }) })
    this.send('endpoints', [change])
  }

  /** Has the store go away, or, given nothing, come back, and tells so. */
  storeAway(since?: string) {
    this.staleSince = since
    this.historyFault = since && 'the store has not answered in time: try again later'
    this.send('counts', { ...this.#counts(), total: this.endpoints.length, ...this.#stale() })
  }

  /** Answers the lists that were left unanswered. */
  speak() {
    this.silent = false
    for (const response of this.#unanswered.splice(0)) this.#list(response)
  }

  breakStreams() {
    for (const stream of this.#streams) stream.destroy()
  }

  #answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://monitor')
    if (!url.pathname.startsWith('/api/')) return sendAsset(url.pathname, response)
    if (this.gone) {
      if (url.pathname === '/api/v1/endpoints') this.listsCut++
      return response.destroy()
    }
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return problem(response, 401, 'forbidden', 'Sign in: the admin token is missing or wrong.')
    }
    if (this.everyFault) return problem(response, this.everyFault.status, 'internal', this.everyFault.detail)
    const [, key, part] = url.pathname.match(/^\/api\/v1\/endpoints\/([^/]+\/[^/]+)(?:\/(\w+))?$/) ?? []
    if (key !== undefined) return this.#endpoint(decodeURIComponent(key), part, url.searchParams, response)
    if (this.fault) return problem(response, this.fault.status, 'internal', this.fault.detail)
    if (url.pathname.startsWith('/api/v1/incidents')) {
      const answer = answerIncidents(url, this.incidents, this.notices, this.channels)
      if (answer !== undefined) return json(response, answer)
    }
    switch (url.pathname) {
      case '/api/v1/endpoints':
        return this.#list(response)
      case '/api/v1/me':
        return json(response, {
          ...who,
          ...this.#stale(),
          ...(this.refused && { refused_definitions: this.refused }),
        })
      case '/api/v1/live':
        return this.#stream(url, request, response)
    }
    problem(response, 404, 'not_found', `there is no ${url.pathname}`)
  }

  #endpoint(key: string, part: string | undefined, query: URLSearchParams, response: ServerResponse) {
    const endpoint = this.endpoints.find(known => known.key === key)
    if (this.silent) return
    if (!endpoint) return problem(response, 404, 'not_found', `no endpoint ${key} is watched`)
    if (part === undefined) {
      return json(response, { ...endpoint, definition: definitionOf(endpoint), revision: 1 })
    }
    if (this.historyFault !== undefined) return problem(response, 503, 'unavailable', this.historyFault)
    json(response, part === 'series' ? this.history.series(query) : this.history.results(query))
  }

  #list(response: ServerResponse) {
    if (this.silent) return this.#unanswered.push(response)
    if (this.listFault !== undefined) return problem(response, 503, 'unavailable', this.listFault)
    json(response, {
      items: this.endpoints,
      counts: this.#counts(),
      total: this.endpoints.length,
      ...this.#stale(),
    })
  }

  #counts() {
    const counts = { up: 0, degraded: 0, down: 0, unknown: 0 }
    for (const endpoint of this.endpoints) counts[endpoint.health]++
    return counts
  }

  #stale() {
    return this.staleSince === undefined ? {} : { stale_since: this.staleSince }
  }

  #stream(url: URL, request: IncomingMessage, response: ServerResponse) {
    const lastEventId = request.headers['last-event-id'] as string | undefined
    this.streamRequests.push({ ids: url.searchParams.get('ids')?.split(',') ?? [], lastEventId })
    if (this.streamsDown) return problem(response, 503, 'unavailable', 'the stream is down')
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('retry: 200\n\n: \n\n')
    for (const event of this.#sent) if (event.id > Number(lastEventId ?? 0)) write(response, event)
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }
}

function write(response: ServerResponse, { id, type, data }: SentEvent) {
  response.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
}

function json(response: ServerResponse, body: unknown) {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function problem(response: ServerResponse, status: number, code: string, detail: string) {
  response
    .writeHead(status, { 'Content-Type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title: 'Problem', status, code, detail }))
}
