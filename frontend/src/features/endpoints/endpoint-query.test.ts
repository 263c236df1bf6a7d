import { QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import type { Api } from '@/api/client'
import type { EndpointDetail, LiveEndpoint } from '@/api/types'
import { endpointQuery, mergeNews } from './endpoint-query'
import { summary } from './sample'

// A busy machine is slow, not wrong.
const patience = { timeout: 60_000 }

const path = { namespace: 'shop', id: 'checkout' }

test('news are not undone by an older answer that was on its way', async () => {
  const client = new QueryClient()
  const known = { ...summary(), revision: 1 } as EndpointDetail
  const answers: (() => void)[] = []
  const GET = () =>
    new Promise(resolve => answers.push(() => resolve({ data: known, response: new Response() })))
  const query = endpointQuery({ GET } as unknown as Api, path)
  client.setQueryData(query.queryKey, known)
  const fetched = client.fetchQuery(query)
  mergeNews(client, path, { key: 'shop/checkout', health: 'down', reason: 'two in a row' })
  expect(client.getQueryData(query.queryKey)?.health).toBe('down')
  await vi.waitFor(() => expect(answers).toHaveLength(1), patience)
  answers[0]?.()
  await fetched
  await vi.waitFor(
    () => expect(client.getQueryData(query.queryKey)).toMatchObject({ reason: 'two in a row' }),
    patience,
  )
})

test('news say of what kind the last check was', () => {
  const client = new QueryClient()
  const known = { ...summary(), revision: 1 } as EndpointDetail
  const { queryKey } = endpointQuery({} as Api, path)
  client.setQueryData(queryKey, known)
  const kindAfter = (due: string, kind?: 'confirm') => {
    const last = { due, outcome: 'failed', duration_us: 1, ...(kind && { kind }) } as const
    mergeNews(client, path, { key: 'shop/checkout', health: 'up', last })
    return client.getQueryData(queryKey)?.last?.kind
  }
  expect(kindAfter('2030-01-01T00:00:00.000Z', 'confirm')).toBe('confirm')
  expect(kindAfter('2030-01-01T00:00:01.000Z')).toBe('scheduled')
})

test('news say how often the endpoint is checked now', () => {
  const client = new QueryClient()
  const { queryKey } = endpointQuery({} as Api, path)
  client.setQueryData(queryKey, { ...summary(), revision: 1 } as EndpointDetail)
  const paceAfter = (news: Partial<LiveEndpoint>) => {
    mergeNews(client, path, { key: 'shop/checkout', health: 'down', ...news })
    return client.getQueryData(queryKey)?.effective_interval
  }
  expect(paceAfter({ effective_interval: '40s' })).toBe('40s')
  expect(paceAfter({ health: 'up' })).toBeUndefined()
})
