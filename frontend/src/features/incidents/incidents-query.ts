import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { Incident } from '@/api/types'

/** The open incidents, newest start first. More says that there are others beyond the page. */
export interface OpenIncidents {
  items: readonly Incident[]
  more: boolean
}

const pageSize = 1_000
const queryKey = ['incidents', 'open']

export function openIncidentsQuery(api: Api) {
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<OpenIncidents> => {
      const query = { open: true, limit: pageSize }
      const page = await answer(api.GET('/api/v1/incidents', { params: { query }, signal }))
      return { items: page.items, more: page.next !== undefined }
    },
  })
}

/** Puts a changed incident into what was fetched. A fetch under way may have missed it, so it starts over. */
export function mergeIncident(client: QueryClient, changed: Incident) {
  client.setQueryData<OpenIncidents>(
    queryKey,
    known => known && { ...known, items: merged(known.items, changed) },
  )
  if (client.isFetching({ queryKey }) > 0) void client.invalidateQueries({ queryKey })
}

function merged(items: readonly Incident[], changed: Incident): Incident[] {
  const others = items.filter(item => item.id !== changed.id)
  if (!changed.open) return others
  return [...others, changed].sort((a, b) => (a.started < b.started ? 1 : -1))
}
