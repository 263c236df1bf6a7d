import createClient, { type Client, type Middleware } from 'openapi-fetch'
import { ApiError, noAnswer, problemError } from './problem'
import type { paths } from './schema'
import type { Session } from './session'

/** The typed client of the monitor's API. */
export type Api = Client<paths>

/** Where requests go, and by what. */
export interface ApiOptions {
  session: Session
  /** The origin; the page's own if empty. */
  baseUrl?: string
  fetch?: (request: Request) => Promise<Response>
  /** Told of each request whether the monitor answered it, and whether what it said is data. */
  onAnswer?(answered: boolean, data: boolean): void
}

/** Makes a client that signs its requests, and tells the session of a refusal. */
export function createApi({ session, baseUrl = '', fetch, onAnswer }: ApiOptions): Api {
  const api = createClient<paths>({ baseUrl, ...(fetch && { fetch }) })
  const signed: Middleware = {
    onRequest({ request }) {
      for (const [name, value] of Object.entries(session.headers())) request.headers.set(name, value)
    },
    onResponse({ response }) {
      onAnswer?.(true, response.ok)
      if (response.status === 401) session.refuse()
    },
    onError({ error }) {
      if (!isAbort(error)) onAnswer?.(false, false)
    },
  }
  api.use(signed)
  return api
}

/** The data of an answer. Rejects with an ApiError when there is none. */
export async function answer<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await request.catch((cause: unknown) => {
    throw isAbort(cause) ? cause : noAnswer(cause)
  })
  if (!response.ok || data === undefined) throw problemError(response.status, error)
  return data
}

function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError'
}

/** Whether asking again may help: not when the server understood and said no. */
export function worthRetrying(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500
}
