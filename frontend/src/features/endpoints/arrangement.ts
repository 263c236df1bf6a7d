import { closedGroups } from './closed-groups'
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
  /** The names of the groups of which only the head is shown, as closedGroups reads them. */
  closed?: string | undefined
}

/** The head of a group: how its endpoints are, whether or not they are shown below it. */
export interface GroupHead {
  readonly kind: 'group'
  readonly name: string
  readonly total: number
  readonly counts: HealthCounts
  readonly closed: boolean
}

/** A line of the list: the head of a group, or an endpoint. */
export type ListItem = GroupHead | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }

/** Reads a view from a URL's search part; what makes no sense is left out. */
export function parseListView(search: Record<string, unknown>): ListView {
  const view: ListView = parseFilters(search)
  const sort = sorts.find(known => known === search.sort)
  if (sort && sort !== 'health') view.sort = sort
  if (typeof search.group === 'string' && /^(namespace|tag:.+)$/.test(search.group)) view.group = search.group
  if (view.group && typeof search.closed === 'string' && search.closed) view.closed = search.closed
  return view
}

/** Orders the endpoints and puts them under the heads of their groups. */
export function arrange(rows: readonly Endpoint[], { sort, group, closed }: ListView): ListItem[] {
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
  const shut = closedGroups(closed)
  return names.flatMap(name => withHead(name, groups.get(name) ?? [], shut.has(name)))
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

function withHead(name: string, members: readonly Endpoint[], closed: boolean): ListItem[] {
  const counts = noCounts()
  for (const { health } of members) counts[health]++
  const head: GroupHead = { kind: 'group', name, total: members.length, counts, closed }
  return closed ? [head] : [head, ...members.map((endpoint): ListItem => ({ kind: 'endpoint', endpoint }))]
}
