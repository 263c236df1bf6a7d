import type { Incident } from '@/api/types'

/** An incident for tests: shop/cart, open since 08:30. */
export function incidentSample(given: Partial<Incident> = {}): Incident {
  return {
    id: 'i1',
    namespace: 'shop',
    endpoint: 'shop/cart',
    name: 'cart',
    started: '2026-11-22T08:30:00.000Z',
    open: true,
    duration_seconds: 60,
    reason: 'connection refused',
    sequence: 1,
    timeline: [],
    ...given,
  }
}
