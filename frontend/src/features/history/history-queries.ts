import { queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { Incident, Series } from '@/api/types'
import { spanOf, type TimeRange } from './range'

/** The most cells that a page asks for. */
const points = 300

const mostIncidents = 200

/** Names an endpoint to the API. */
export interface EndpointPath {
  namespace: string
  id: string
}

/** An endpoint's history over a range. */
export function seriesQuery(api: Api, path: EndpointPath, range: TimeRange) {
  return queryOptions({
    queryKey: ['endpoint', path.namespace, path.id, 'series', range],
    staleTime: 0,
    queryFn: ({ signal }): Promise<Series> => {
      const { from, to } = spanOf(range, Date.now())
      const query = { from: String(from), to: String(to), points }
      return answer(api.GET('/api/v1/endpoints/{namespace}/{id}/series', { params: { path, query }, signal }))
    },
  })
}

/** The newest incidents of an endpoint, open or over. */
export function endpointIncidentsQuery(api: Api, { namespace, id }: EndpointPath) {
  return queryOptions({
    queryKey: ['endpoint', namespace, id, 'incidents'],
    staleTime: 0,
    queryFn: async ({ signal }): Promise<readonly Incident[]> => {
      const query = { endpoint: `${namespace}/${id}`, limit: mostIncidents }
      return (await answer(api.GET('/api/v1/incidents', { params: { query }, signal }))).items
    },
  })
}
