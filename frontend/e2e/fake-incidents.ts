import type { Incident, IncidentDetail, Notice } from '../src/api/types'

const pageSize = 50

/** What the API answers about incidents; undefined when there is no such thing. */
export function answerIncidents(
  url: URL,
  incidents: Incident[],
  notices: Notice[],
  channels: string[],
): unknown {
  const [, id, part] = url.pathname.match(/^\/api\/v1\/incidents(?:\/([^/]+))?(?:\/(\w+))?$/) ?? []
  if (id === undefined) return page(url.searchParams, incidents)
  const incident = incidents.find(known => known.id === id)
  if (!incident) return undefined
  return part === 'notices' ? { items: notices } : detail(incident, notices, channels)
}

function page(query: URLSearchParams, incidents: Incident[]) {
  const namespace = query.get('namespace')
  const from = query.get('from') ?? ''
  const wanted = incidents
    .filter(incident => incident.open || query.get('open') !== 'true')
    .filter(incident => namespace === null || incident.namespace === namespace)
    .filter(incident => incident.started >= from)
    .sort((a, b) => (a.started < b.started ? 1 : -1))
  const first = Number(query.get('cursor') ?? 0)
  const end = first + Math.min(Number(query.get('limit') ?? pageSize), 1_000)
  return { items: wanted.slice(first, end), ...(end < wanted.length && { next: String(end) }) }
}

function detail(incident: Incident, notices: Notice[], channels: string[]): IncidentDetail {
  const [opening] = incident.timeline
  const [told] = notices
  return {
    ...incident,
    channels: [...new Set([...channels, ...notices.map(notice => notice.channel)])],
    ledger: {
      first_failure: incident.started,
      ...(opening && { decided: opening.decided }),
      ...(told?.sent && { sent: told.sent }),
      ...(told?.accepted && { accepted: told.accepted }),
    },
  }
}

const after = (moment: string, ms: number) => new Date(Date.parse(moment) + ms).toISOString()

/** An incident with a timeline: of an endpoint that went down, and came back unless it is open. */
export function told(incident: Incident): Incident {
  const { endpoint, started, reason, ended } = incident
  const due = Date.parse(started)
  const evidence = [0, 2_000, 4_000].map(late => `${endpoint}@local#${due + late}`)
  const down = {
    from: 'up',
    to: 'down',
    at: started,
    decided: after(started, 4_120),
    reason,
    evidence,
  } as const
  const up = { from: 'down', to: 'up', reason: '2 checks in a row passed' } as const
  return {
    ...incident,
    fault: 'refused',
    timeline: [
      { ...down, evidence: [...evidence], fault: 'refused' },
      ...(ended === undefined ? [] : [{ ...up, at: ended, decided: after(ended, 1_000) }]),
    ],
  }
}

/** What was told of an incident: one channel took it, one is still tried. */
export function noticesOf({ started }: Incident): Notice[] {
  const created = after(started, 4_130)
  const common = { sequence: 1, change: 'opened', created, sent: after(started, 4_140) } as const
  return [
    { ...common, channel: 'shop/oncall', attempts: 1, accepted: after(started, 4_390), receipt: 'C012/1.2' },
    { ...common, channel: 'shop/hook', attempts: 4, error: 'HTTP 503', next_try: after(started, 90_000) },
  ]
}

/** Incidents that are over, one an hour, newest first. */
export function pastIncidents(count: number, like: Incident): Incident[] {
  return Array.from({ length: count }, (_, index) => {
    const started = after(like.started, -(index + 1) * 3_600_000)
    const ended = after(started, 95_000)
    return told({ ...like, id: `past-${index}`, name: `past-${index}`, started, ended, open: false })
  })
}
