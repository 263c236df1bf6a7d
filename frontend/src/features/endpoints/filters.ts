import { type Health, healths, isHealth } from '@/lib/health'
import type { Endpoint } from './endpoint-store'

/** What narrows the list. It lives in the URL; an absent part narrows nothing. */
export interface EndpointFilters {
  health?: Health | undefined
  namespace?: string | undefined
  q?: string | undefined
}

/** How many endpoints have which health. */
export type HealthCounts = Record<Health, number>

/** What a list shows of all endpoints. */
export interface EndpointSelection {
  /** The endpoints of the list, worst first, else in the server's order. */
  rows: readonly Endpoint[]
  /** Of all that match namespace and text: the filter by health aside. */
  counts: HealthCounts
  total: number
}

/** Reads filters from a URL's search part; what makes no sense is left out. */
export function parseFilters(search: Record<string, unknown>): EndpointFilters {
  const filters: EndpointFilters = {}
  if (isHealth(search.health)) filters.health = search.health
  if (isText(search.namespace)) filters.namespace = search.namespace
  if (isText(search.q)) filters.q = search.q
  return filters
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Chooses, counts and orders the endpoints that match. */
export function selectEndpoints(all: readonly Endpoint[], filters: EndpointFilters): EndpointSelection {
  const text = filters.q?.trim().toLowerCase() ?? ''
  const groups: Record<Health, Endpoint[]> = { up: [], degraded: [], down: [], unknown: [] }
  for (const endpoint of all) {
    if (filters.namespace !== undefined && endpoint.namespace !== filters.namespace) continue
    if (text !== '' && !matches(endpoint, text)) continue
    groups[endpoint.health].push(endpoint)
  }
  const counts = noCounts()
  for (const health of healths) counts[health] = groups[health].length
  return {
    rows: filters.health ? groups[filters.health] : healths.flatMap(health => groups[health]),
    counts,
    total: counts.up + counts.degraded + counts.down + counts.unknown,
  }
}

/** Nothing counted yet. */
export function noCounts(): HealthCounts {
  return { up: 0, degraded: 0, down: 0, unknown: 0 }
}

function matches(endpoint: Endpoint, text: string): boolean {
  return [endpoint.name, endpoint.key, endpoint.url, endpoint.tags].some(part =>
    part.toLowerCase().includes(text),
  )
}

/** The namespaces that endpoints are in, by name. */
export function namespacesOf(all: readonly Endpoint[]): string[] {
  return [...new Set(all.map(endpoint => endpoint.namespace))].sort()
}
