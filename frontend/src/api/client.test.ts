import { expect, test } from 'vitest'
import { answer, createApi, worthRetrying } from './client'
import { ApiError, problemError } from './problem'
import { Session } from './session'

function apiThat(respond: (request: Request) => Response | Promise<Response>) {
  const session = new Session()
  const requests: Request[] = []
  const api = createApi({
    session,
    baseUrl: 'http://monitor',
    fetch: async request => {
      requests.push(request)
      return respond(request)
    },
  })
  return { session, requests, me: () => answer(api.GET('/api/v1/me')) }
}

const me = { subject: 'admin', auth: 'token', role: 'admin', namespaces: ['*'] }

test('a request carries the token', async () => {
  const { session, requests, me: ask } = apiThat(() => Response.json(me))
  session.signIn('secret')
  expect(await ask()).toEqual(me)
  expect(requests[0]?.headers.get('Authorization')).toBe('Bearer secret')
})

test('401 forgets the token and asks for another', async () => {
  const { session, me: ask } = apiThat(() => Response.json({ detail: 'sign in' }, { status: 401 }))
  session.signIn('secret')
  await expect(ask()).rejects.toThrow('sign in')
  expect([session.refused(), session.signedIn(), session.headers()]).toEqual([true, false, {}])
})

test('a problem keeps its status, code and message', async () => {
  const body = {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'invalid',
    detail: 'limit is too large',
  }
  const { me: ask } = apiThat(() => Response.json(body, { status: 400 }))
  const fault = await ask().catch((error: unknown) => error)
  expect(fault).toMatchObject({ status: 400, code: 'invalid', message: 'limit is too large' })
})

test('what a proxy answers is told by its status', async () => {
  const { me: ask } = apiThat(() => new Response('<html>', { status: 502 }))
  await expect(ask()).rejects.toThrow('The monitor answered with HTTP 502.')
})

test('no answer at all says what to check', async () => {
  const { me: ask } = apiThat(() => Promise.reject(new TypeError('Failed to fetch')))
  await expect(ask()).rejects.toThrow('Check that it runs')
})

test('a request that was given up stays what it is', async () => {
  const { me: ask } = apiThat(() => Promise.reject(new DOMException('aborted', 'AbortError')))
  await expect(ask()).rejects.toMatchObject({ name: 'AbortError' })
})

test('asking again is worth it when the server had no say, or was at fault', () => {
  const worth = [0, 400, 401, 404, 500, 503].filter(status => worthRetrying(new ApiError(status, '', '')))
  expect(worth).toEqual([0, 500, 503])
  expect(worthRetrying(problemError(404, undefined))).toBe(false)
})

test('each request tells whether it was answered, and with data', async () => {
  const told: boolean[][] = []
  const answers = [
    () => Response.json(me),
    () => Response.json({}, { status: 503 }),
    () => Promise.reject(new TypeError('connection refused')),
    () => Promise.reject(new DOMException('aborted', 'AbortError')),
  ]
  const api = createApi({
    session: new Session(),
    baseUrl: 'http://monitor',
    fetch: async () => answers.shift()?.() ?? Response.error(),
    onAnswer: (...said) => told.push(said),
  })
  for (const _ of [...answers]) await answer(api.GET('/api/v1/me')).catch(() => {})
  expect(told).toEqual([
    [true, true],
    [true, false],
    [false, false],
  ])
})
