import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { EndpointDetail, LiveEndpoint } from '@/api/types'

interface EndpointPath {
  namespace: string
  id: string
}

function detailKey({ namespace, id }: EndpointPath) {
  return ['endpoint', namespace, id, 'detail']
}

/** One endpoint with its definition. */
export function endpointQuery(api: Api, path: EndpointPath) {
  return queryOptions({
    queryKey: detailKey(path),
    staleTime: 0,
    queryFn: ({ signal }): Promise<EndpointDetail> =>
      answer(api.GET('/api/v1/endpoints/{namespace}/{id}', { params: { path }, signal })),
  })
}

/**
 * Puts news of an endpoint into what was fetched of it. An answer that is on
 * its way may be older than the news, so they are put into that as well.
 */
export function mergeNews(client: QueryClient, path: EndpointPath, news: LiveEndpoint) {
  const queryKey = detailKey(path)
  const merge = () => client.setQueryData<EndpointDetail>(queryKey, known => known && withNews(known, news))
  merge()
  const query = client.getQueryCache().find({ queryKey, exact: true })
  if (query?.state.fetchStatus !== 'fetching') return
  void query.promise?.catch(() => {}).then(() => setTimeout(merge))
}

function withNews(known: EndpointDetail, news: LiveEndpoint): EndpointDetail {
  const { since, reason, incident, effective_interval: _, last, ...rest } = known
  const newer = news.last && (!last || news.last.due > last.due)
  const shown = newer ? { location: last?.location ?? '', kind: 'scheduled', ...news.last } : last
  return {
    ...rest,
    health: news.health,
    ...(news.since !== undefined && { since: news.since }),
    ...(news.reason !== undefined && { reason: news.reason }),
    ...(news.incident !== undefined && { incident: news.incident }),
    ...(news.effective_interval !== undefined && { effective_interval: news.effective_interval }),
    ...(shown && { last: shown as NonNullable<EndpointDetail['last']> }),
  }
}
