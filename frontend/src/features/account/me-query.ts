import { queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'

/** Who is asking, and what they should know of the monitor. */
export function meQuery(api: Api) {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/me', { signal })),
  })
}
