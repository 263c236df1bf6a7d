import { QueryClient } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { type Api, createApi, worthRetrying } from '@/api/client'
import { EndpointNews } from '@/api/endpoint-news'
import type { LiveEvent } from '@/api/live-stream'
import { Session } from '@/api/session'
import type { Incident, LiveCounts, LiveEndpoint } from '@/api/types'
import { hearOfStore } from '@/features/account/me-query'
import { EndpointStore } from '@/features/endpoints/endpoint-store'
import { mergeIncident } from '@/features/incidents/incidents-query'
import { askAgain } from '@/lib/ask-again'
import { afterFaults } from '@/lib/refetch'
import { LiveFeed } from './live-feed'

/** What the page is built on, made once. */
export interface Services {
  session: Session
  api: Api
  queries: QueryClient
  endpoints: EndpointStore
  /** What the stream tells, for pages about one endpoint. */
  news: EndpointNews
  feed: LiveFeed
}

/** Makes the services for the monitor at an origin, the page's own if empty. */
export function createServices(
  origin = '',
  send: typeof fetch = (...request) => fetch(...request),
): Services {
  const session = new Session()
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // The stream tells what has changed; nothing grows stale by itself.
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        refetchInterval: afterFaults,
        retry: (failures, error) => failures < 2 && worthRetrying(error),
      },
    },
  })
  const endpoints = new EndpointStore()
  const news = new EndpointNews()
  const refetch = () => askAgain(queries)
  const feed = new LiveFeed(session, `${origin}/api/v1/live`, {
    fetch: send,
    onEvent: event => take(event, { queries, endpoints, news }, refetch),
    onFresh: refetch,
  })
  const api = createApi({ session, baseUrl: origin, fetch: send, onAnswer: feed.answered })
  return { session, api, queries, endpoints, news, feed }
}

type Takers = Pick<Services, 'queries' | 'endpoints' | 'news'>

function take(event: LiveEvent, { queries, endpoints, news }: Takers, refetch: () => void) {
  switch (event.type) {
    case 'endpoints':
      endpoints.apply(event.data as LiveEndpoint[])
      return news.tell(event.data as LiveEndpoint[])
    case 'counts':
      return hearOfStore(queries, (event.data as LiveCounts).stale_since)
    case 'incident':
      return mergeIncident(queries, event.data as Incident)
    case 'catalog':
    case 'resync':
      return refetch()
  }
}

const Context = createContext<Services | undefined>(undefined)

/** Gives the services to everything below. */
export const ServicesProvider = Context.Provider

export function useServices(): Services {
  const services = useContext(Context)
  if (!services) throw new Error('useServices needs a ServicesProvider above it')
  return services
}
