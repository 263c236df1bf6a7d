import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { Result } from '@/api/types'
import { type CheckLog, withNewest, withOlder } from './check-log'
import type { LogFilter } from './log-filter'

const pageSize = 50

// Raw results are not kept longer, and the API refuses longer ranges.
const longest = 31 * 86_400_000

/** Which results a log is of. */
export interface LogOptions {
  namespace: string
  id: string
  outcome: LogFilter['outcome']
  /** Names the range, for the cache. */
  range: object
  /** The moments of the range, in Unix milliseconds. */
  span(): { from: number; to: number }
}

function logKey({ namespace, id, outcome, range }: LogOptions) {
  return ['endpoint', namespace, id, 'results', range, outcome ?? '']
}

/** The newest results of a range. Fetched again, it keeps the older ones that are known. */
export function logQuery(api: Api, client: QueryClient, options: LogOptions) {
  const queryKey = logKey(options)
  return queryOptions({
    queryKey,
    staleTime: 0,
    queryFn: async ({ signal }): Promise<CheckLog> => {
      const page = await fetchPage(api, options, undefined, signal)
      return withNewest(client.getQueryData<CheckLog>(queryKey), page)
    },
  })
}

/** Fetches the next older page of a log into what is known. */
export async function fetchOlder(api: Api, client: QueryClient, options: LogOptions) {
  const queryKey = logKey(options)
  const cursor = client.getQueryData<CheckLog>(queryKey)?.next
  if (cursor === undefined) return
  const page = await fetchPage(api, options, cursor)
  client.setQueryData<CheckLog>(queryKey, known => known && withOlder(known, page))
}

function fetchPage(api: Api, options: LogOptions, cursor?: string, signal?: AbortSignal) {
  const { namespace, id, outcome, span } = options
  const { from, to } = span()
  const query = {
    from: String(Math.max(from, to - longest)),
    to: String(to),
    limit: pageSize,
    ...(outcome && { outcome }),
    ...(cursor !== undefined && { cursor }),
  }
  const params = { path: { namespace, id }, query }
  return answer(api.GET('/api/v1/endpoints/{namespace}/{id}/results', { params, ...(signal && { signal }) }))
}

/** The check of an endpoint that was due at a moment; null if none is kept. */
export function checkQuery(api: Api, path: { namespace: string; id: string }, due: number) {
  return queryOptions({
    queryKey: ['endpoint', path.namespace, path.id, 'check', due],
    queryFn: async ({ signal }): Promise<Result | null> => {
      const query = { from: String(due), to: String(due + 1), limit: 1 }
      const page = await answer(
        api.GET('/api/v1/endpoints/{namespace}/{id}/results', { params: { path, query }, signal }),
      )
      return page.items[0] ?? null
    },
  })
}
