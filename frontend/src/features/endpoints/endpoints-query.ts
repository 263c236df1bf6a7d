import { queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { EndpointSummary } from '@/api/types'
import type { EndpointStore } from './endpoint-store'

const pageSize = 20_000

/** The snapshot of all endpoints. It goes to the store; its data is their number. */
export function endpointsQuery(api: Api, store: EndpointStore) {
  return queryOptions({
    queryKey: ['endpoints'],
    queryFn: async ({ signal }) => {
      await store.refresh(() => fetchAll(api, signal))
      return store.all().length
    },
  })
}

async function fetchAll(api: Api, signal: AbortSignal): Promise<EndpointSummary[]> {
  const all: EndpointSummary[] = []
  let cursor: string | undefined
  do {
    const query = { limit: pageSize, ...(cursor !== undefined && { cursor }) }
    const page = await answer(api.GET('/api/v1/endpoints', { params: { query }, signal }))
    all.push(...page.items)
    cursor = page.next
  } while (cursor)
  return all
}
