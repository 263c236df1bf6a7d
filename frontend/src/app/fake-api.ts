import { FakeStream } from '@/api/fake-stream'
import type { EndpointSummary, Incident, IncidentDetail, LiveEndpoint, Notice } from '@/api/types'

/** What a test wants answered. A fault takes the place of every answer, a token is wanted when set. */
interface Answers {
  endpoints: EndpointSummary[]
  incidents: Incident[]
  incident: IncidentDetail | undefined
  notices: Notice[]
  fault: string
  token: string
}

/** A monitor behind a fetch, which answers what a test wants. */
export function fakeApi() {
  const answers: Answers = {
    endpoints: [],
    incidents: [],
    incident: undefined,
    notices: [],
    fault: '',
    token: '',
  }
  const streams: FakeStream[] = []
  const sent: string[] = []

  const open = (url: string, init?: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const stream = new FakeStream(url, init, answer => {
        if (answer instanceof Response) resolve(answer)
        else reject(answer)
      })
      streams.push(stream)
      stream.accept()
      for (const event of sent.slice(Number(stream.headers['Last-Event-ID'] ?? 0))) stream.feed(event)
    })

  const respond = ({ pathname: path, searchParams }: URL, authorization: string | null) => {
    if (answers.token && authorization !== `Bearer ${answers.token}`) {
      return Response.json({ detail: 'the token is wrong' }, { status: 401 })
    }
    if (answers.fault) return Response.json({ detail: answers.fault, code: 'invalid' }, { status: 400 })
    if (path === '/api/v1/endpoints') return Response.json({ items: answers.endpoints })
    if (path === '/api/v1/incidents') {
      const openOnly = searchParams.get('open') === 'true'
      return Response.json({ items: answers.incidents.filter(incident => incident.open || !openOnly) })
    }
    if (path.endsWith('/notices')) return Response.json({ items: answers.notices })
    if (path.startsWith('/api/v1/incidents/')) {
      if (answers.incident) return Response.json(answers.incident)
      return Response.json({ detail: 'there is no such incident', code: 'not_found' }, { status: 404 })
    }
    return Response.json({ subject: 'admin' })
  }

  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = input instanceof Request ? input : undefined
    const url = new URL(request?.url ?? String(input))
    const authorization = request
      ? request.headers.get('Authorization')
      : new Headers(init?.headers).get('Authorization')
    const answer = respond(url, authorization)
    return answer.ok && url.pathname === '/api/v1/live' ? open(url.href, init) : answer
  }

  const send = (type: string, data: LiveEndpoint[] | Incident | object) => {
    const event = `id: ${sent.length + 1}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
    sent.push(event)
    for (const stream of streams) if (!stream.dropped) stream.feed(event)
  }

  return { answers, streams, send, fetch: fetch as typeof globalThis.fetch }
}
