import { healths } from '@/lib/health'
import type { Endpoint } from './endpoint-store'
import { type EndpointFilters, type HealthCounts, noCounts, parseFilters } from './filters'

/** An order of the list: worst first, by name, slowest first, or latest change first. */
export type Sort = 'health' | 'name' | 'latency' | 'changed'

export const sorts: readonly Sort[] = ['health', 'name', 'latency', 'changed']

/** The words that people read. */
export const sortWords: Record<Sort, string> = {
  health: 'Worst first',
  name: 'Name',
  latency: 'Slowest first',
  changed: 'Latest change',
}

/** What of the list lives in the URL: filters, order and grouping. Absent means worst first, and no groups. */
export interface ListView extends EndpointFilters {
  sort?: Exclude<Sort, 'health'> | undefined
  /** "namespace", or "tag:" and the tag's name. */
  group?: string | undefined
}

/** A line of the list: the head of a group, or an endpoint. */
export type ListItem =
  | { readonly kind: 'group'; readonly name: string; readonly total: number; readonly counts: HealthCounts }
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }

/** Reads a view from a URL's search part; what makes no sense is left out. */
export function parseListView(search: Record<string, unknown>): ListView {
  const view: ListView = parseFilters(search)
  const sort = sorts.find(known => known === search.sort)
  if (sort && sort !== 'health') view.sort = sort
  if (typeof search.group === 'string' && /^(namespace|tag:.+)$/.test(search.group)) view.group = search.group
  return view
}

/** Orders the endpoints and puts them under the heads of their groups. */
export function arrange(rows: readonly Endpoint[], { sort, group }: ListView): ListItem[] {
  const sorted = sort ? [...rows].sort(orders[sort]) : rows
  if (group === undefined) return sorted.map(endpoint => ({ kind: 'endpoint', endpoint }))
  const groups = new Map<string, Endpoint[]>()
  for (const endpoint of sorted) {
    const name = groupOf(endpoint, group)
    const members = groups.get(name)
    if (members) members.push(endpoint)
    else groups.set(name, [endpoint])
  }
  const names = [...groups.keys()].sort(byGroupName)
  return names.flatMap(name => withHead(name, groups.get(name) ?? []))
}

/** The names of all tags, by name. */
export function tagNames(all: readonly Endpoint[]): string[] {
  return [...new Set(all.flatMap(endpoint => Object.keys(endpoint.tagValues)))].sort()
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byName = (a: Endpoint, b: Endpoint) => collator.compare(a.name, b.name)

const orders: Record<Exclude<Sort, 'health'>, (a: Endpoint, b: Endpoint) => number> = {
  name: byName,
  latency: (a, b) => (b.last?.duration_us ?? -1) - (a.last?.duration_us ?? -1) || byName(a, b),
  changed: (a, b) => moment(b.since) - moment(a.since) || byName(a, b),
}

function moment(at: string | undefined): number {
  return at === undefined ? 0 : Date.parse(at)
}

function groupOf(endpoint: Endpoint, group: string): string {
  if (group === 'namespace') return endpoint.namespace
  const tag = group.slice('tag:'.length)
  return Object.hasOwn(endpoint.tagValues, tag) ? (endpoint.tagValues[tag] ?? '') : ''
}

// Those without the tag stand last.
function byGroupName(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1
  return collator.compare(a, b)
}

function withHead(name: string, members: readonly Endpoint[]): ListItem[] {
  const counts = noCounts()
  for (const { health } of members) counts[health]++
  const rows = members.map((endpoint): ListItem => ({ kind: 'endpoint', endpoint }))
  return [{ kind: 'group', name, total: members.length, counts }, ...rows]
}

/** What is not up in a group, worst first, for example "2 down, 1 unknown"; empty when all is up. */
export function unhealthyWords(counts: HealthCounts): string {
  return healths
    .filter(health => health !== 'up' && counts[health] > 0)
    .map(health => `${counts[health].toLocaleString()} ${health}`)
    .join(', ')
}
