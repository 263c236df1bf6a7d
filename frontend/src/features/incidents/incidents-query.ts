import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
  replaceEqualDeep,
} from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { Incident, IncidentDetail } from '@/api/types'
import { askAgain } from '@/lib/ask-again'
import { type IncidentFilters, rangeStart } from './incident-filters'
import { type IncidentPage, withChange } from './past-incidents'

/** The open incidents, newest start first. More says that there are others beyond the page. */
export interface OpenIncidents {
  items: readonly Incident[]
  more: boolean
}

const openPageSize = 1_000
const pastPageSize = 50
const openKey = ['incidents', 'open']
const pastKey = ['incidents', 'past']
const incidentKey = (id: string) => ['incident', id]

export function openIncidentsQuery(api: Api) {
  return queryOptions({
    queryKey: openKey,
    queryFn: async ({ signal }): Promise<OpenIncidents> => {
      const query = { open: true, limit: openPageSize }
      const page = await answer(api.GET('/api/v1/incidents', { params: { query }, signal }))
      return { items: page.items, more: page.next !== undefined }
    },
  })
}

/** Incidents by start, newest first, page by page; the open ones are among them. */
export function pastIncidentsQuery(api: Api, { namespace, range }: IncidentFilters) {
  return infiniteQueryOptions({
    queryKey: [...pastKey, { namespace, range }],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const from = rangeStart(range, Date.now())
      const query = {
        limit: pastPageSize,
        ...(namespace !== undefined && { namespace }),
        ...(from !== undefined && { from }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }
      return answer(api.GET('/api/v1/incidents', { params: { query }, signal }))
    },
    getNextPageParam: page => page.next,
  })
}

/** One incident, with its ledger. */
export function incidentQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: incidentKey(id),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/incidents/{id}', { params: { path: { id } }, signal })),
    structuralSharing: (before, next) => fuller(before as IncidentDetail | undefined, next as IncidentDetail),
  })
}

// From memory alone the monitor knows less: what was read from the store before stays, unless there is news.
function fuller(before: IncidentDetail | undefined, next: IncidentDetail): IncidentDetail {
  return next.stale_since && before && before.sequence >= next.sequence
    ? before
    : replaceEqualDeep(before, next)
}

/** Who was told of an incident, and how that went. */
export function noticesQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: [...incidentKey(id), 'notices'],
    queryFn: async ({ signal }) => {
      const list = await answer(
        api.GET('/api/v1/incidents/{id}/notices', { params: { path: { id } }, signal }),
      )
      return list.items
    },
  })
}

/**
 * Puts a changed incident into the lists that were fetched. A fetch of the open
 * ones under way may have missed it, so it starts over; the incident's own page
 * shows more than the event tells, and is fetched again.
 */
export function mergeIncident(client: QueryClient, changed: Incident) {
  client.setQueryData<OpenIncidents>(
    openKey,
    known => known && { ...known, items: merged(known.items, changed) },
  )
  if (client.isFetching({ queryKey: openKey }) > 0) askAgain(client, { queryKey: openKey })
  client.setQueriesData<InfiniteData<IncidentPage>>(
    { queryKey: pastKey },
    known => known && { ...known, pages: withChange(known.pages, changed) },
  )
  if (client.isFetching({ queryKey: pastKey }) > 0) askAgain(client, { queryKey: pastKey })
  askAgain(client, { queryKey: incidentKey(changed.id) })
}

function merged(items: readonly Incident[], changed: Incident): Incident[] {
  const others = items.filter(item => item.id !== changed.id)
  if (!changed.open) return others
  return [...others, changed].sort((a, b) => (a.started < b.started ? 1 : -1))
}
