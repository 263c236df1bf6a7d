import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type Api, answer } from '@/api/client'
import type { Me } from '@/api/types'
import { askAgain } from '@/lib/ask-again'

const meKey = ['me']

/** Who is asking, and what they should know of the monitor. */
export function meQuery(api: Api) {
  return queryOptions({
    queryKey: meKey,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/me', { signal })),
  })
}

/**
 * Takes the news of since when the store has not answered; nothing for one that
 * does. Once it answers again, everything is asked for anew.
 */
export function hearOfStore(client: QueryClient, since: string | undefined) {
  const known = client.getQueryData<Me>(meKey)
  if (known?.stale_since === since) return
  const { stale_since: _, ...rest } = known ?? {}
  if (known) client.setQueryData(meKey, since === undefined ? rest : { ...rest, stale_since: since })
  askAgain(client, since === undefined ? {} : { queryKey: meKey })
}
