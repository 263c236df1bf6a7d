import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { mergeNews } from '@/features/endpoints/endpoint-query'
import { askAgain } from '@/lib/ask-again'
import { throttle } from '@/lib/throttle'
import { useServices } from './services'

/** How often results may be asked for as they come, and how often the history, in milliseconds. */
const resultsPause = 1_000
const historyPause = 5_000

/** Keeps what is shown of one endpoint current. What does not move with time is left alone. */
export function useEndpointNews(namespace: string, id: string, moving: boolean) {
  const { feed, news } = useServices()
  const client = useQueryClient()
  useEffect(() => {
    const key = `${namespace}/${id}`
    const renew = (part: string) => () => askAgain(client, { queryKey: ['endpoint', namespace, id, part] })
    const results = throttle(renew('results'), resultsPause)
    const history = throttle(renew('series'), historyPause)
    const incidents = throttle(renew('incidents'), resultsPause)
    feed.watch([key], 1)
    let health: string | undefined
    const unsubscribe = news.subscribe(key, change => {
      mergeNews(client, { namespace, id }, change)
      if (health !== undefined && change.health !== health) incidents.call()
      health = change.health
      if (!moving || !change.last) return
      results.call()
      history.call()
    })
    return () => {
      unsubscribe()
      for (const throttled of [results, history, incidents]) throttled.stop()
    }
  }, [feed, news, client, namespace, id, moving])
}
