import type { EndpointSummary, Incident } from '../src/api/types'

const services = ['checkout', 'cart', 'search', 'login', 'invoices', 'shipping', 'catalogue', 'reviews']
const namespaces = ['billing', 'platform', 'shop']

const reasons = {
  up: undefined,
  degraded: 'latency must be at most 500ms, got 712ms',
  down: 'connection refused: nothing listens on 10.1.4.7:443',
  unknown: 'no result for 30s',
}
const letters = { up: 'p', degraded: 'd', down: 'f', unknown: 'u' } as const
const outcomes = { up: 'passed', degraded: 'degraded', down: 'failed', unknown: 'unknown' } as const

function healthAt(index: number): EndpointSummary['health'] {
  if (index % 97 === 5) return 'down'
  if (index % 41 === 7) return 'degraded'
  return index % 151 === 11 ? 'unknown' : 'up'
}

/** The n-th endpoint of a fleet in which most are up. */
export function endpointAt(index: number, now: number): EndpointSummary {
  const namespace = namespaces[index % 3] ?? ''
  const health = healthAt(index)
  const id = `${services[index % 8]}-${index}`
  const due = new Date(now - (index % 10) * 1_000).toISOString()
  const letter = letters[health]
  const reason = reasons[health]
  return {
    key: `${namespace}/${id}`,
    namespace,
    id,
    name: id,
    url: `https://${id}.example/health`,
    interval: '10s',
    health,
    since: new Date(now - 754_000).toISOString(),
    ...(reason && { reason }),
    last: {
      location: 'local',
      due,
      kind: 'scheduled',
      outcome: outcomes[health],
      duration_us: 12_000 + ((index * 7919) % 90_000),
    },
    recent: `${'p'.repeat(20 + (index % 20))}${index % 13 === 0 ? 'f' : 'p'}${'p'.repeat(12)}${letter.repeat(6)}`,
  }
}

export function fleet(count: number, now = Date.now()): EndpointSummary[] {
  return Array.from({ length: count }, (_, index) => endpointAt(index, now))
}

/** The open incident of an endpoint that is down. */
export function incidentOf(endpoint: EndpointSummary): Incident {
  return {
    id: `incident-${endpoint.id}`,
    namespace: endpoint.namespace,
    endpoint: endpoint.key,
    name: endpoint.name,
    started: endpoint.since ?? '',
    open: true,
    duration_seconds: 754,
    reason: endpoint.reason ?? '',
    sequence: 1,
    timeline: [],
  }
}
