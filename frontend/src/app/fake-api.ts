import { FakeStream } from '@/api/fake-stream'
import type { EndpointSummary, Incident, LiveEndpoint } from '@/api/types'

/** A monitor behind a fetch, which answers what a test wants. */
export function fakeApi() {
  const answers: { endpoints: EndpointSummary[]; incidents: Incident[]; fault: string; token: string } = {
    endpoints: [],
    incidents: [],
    fault: '',
    token: '',
  }
  const streams: FakeStream[] = []
  let lastId = 0

  const open = (url: string, init?: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const stream = new FakeStream(url, init, answer => {
        if (answer instanceof Response) resolve(answer)
        else reject(answer)
      })
      streams.push(stream)
      stream.accept()
    })

  const respond = (path: string, authorization: string | null) => {
    if (answers.token && authorization !== `Bearer ${answers.token}`) {
      return Response.json({ detail: 'the token is wrong' }, { status: 401 })
    }
    if (answers.fault) return Response.json({ detail: answers.fault, code: 'invalid' }, { status: 400 })
    if (path === '/api/v1/endpoints') return Response.json({ items: answers.endpoints })
    if (path === '/api/v1/incidents') return Response.json({ items: answers.incidents })
    return Response.json({ subject: 'admin' })
  }

  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = input instanceof Request ? input : undefined
    const url = new URL(request?.url ?? String(input))
    const authorization = request
      ? request.headers.get('Authorization')
      : new Headers(init?.headers).get('Authorization')
    const answer = respond(url.pathname, authorization)
    return answer.ok && url.pathname === '/api/v1/live' ? open(url.href, init) : answer
  }

  const send = (type: string, data: LiveEndpoint[] | Incident | object) => {
    for (const stream of streams) {
      if (!stream.dropped) stream.feed(`id: ${++lastId}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
    }
  }

  return { answers, streams, send, fetch: fetch as typeof globalThis.fetch }
}
