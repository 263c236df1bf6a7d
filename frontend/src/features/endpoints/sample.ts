import type { EndpointSummary } from '@/api/types'

/** An endpoint for tests: shop/checkout, up, checked once. */
export function summary(given: Partial<EndpointSummary> = {}): EndpointSummary {
  const id = given.id ?? 'checkout'
  const namespace = given.namespace ?? 'shop'
  return {
    key: `${namespace}/${id}`,
    namespace,
    id,
    name: id,
    url: `https://${id}.example/health`,
    interval: '10s',
    health: 'up',
    last: {
      location: 'local',
      due: '2026-11-22T08:30:00.000Z',
      kind: 'scheduled',
      outcome: 'passed',
      duration_us: 12_000,
    },
    recent: 'p',
    ...given,
  }
}
