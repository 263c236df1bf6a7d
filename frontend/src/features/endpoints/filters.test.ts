import { expect, test } from 'vitest'
import { EndpointStore } from './endpoint-store'
import { namespacesOf, parseFilters, selectEndpoints } from './filters'
import { summary } from './sample'

const store = new EndpointStore(() => {})
await store.refresh(async () => [
  summary({ id: 'cart' }),
  summary({ id: 'login', health: 'down', tags: { team: 'Identity' } }),
  summary({ id: 'search', health: 'degraded', name: 'Full-text search' }),
  summary({ id: 'cart', namespace: 'lab', health: 'unknown' }),
])
const select = (filters: Parameters<typeof selectEndpoints>[1]) => selectEndpoints(store.all(), filters)
const keys = (filters: Parameters<typeof selectEndpoints>[1]) => select(filters).rows.map(row => row.key)

test('the worst stand first', () => {
  expect(keys({})).toEqual(['shop/login', 'shop/search', 'lab/cart', 'shop/cart'])
})

test('health narrows the rows and not the counters', () => {
  const { rows, counts, total } = select({ health: 'down' })
  expect(rows.map(row => row.key)).toEqual(['shop/login'])
  expect({ ...counts, total }).toEqual({ up: 1, degraded: 1, down: 1, unknown: 1, total: 4 })
})

test('namespace narrows rows and counters', () => {
  expect(keys({ namespace: 'lab' })).toEqual(['lab/cart'])
  expect(select({ namespace: 'lab' }).total).toBe(1)
})

test.each([
  ['CART', 'key'],
  ['full-text', 'name'],
  ['team:identity', 'tags'],
  ['https://search.example', 'URL'],
])('%s is found in the %s, case aside', q => {
  expect(keys({ q }).length).toBeGreaterThan(0)
})

test('a URL with nonsense in it filters nothing', () => {
  expect(parseFilters({ health: 'toString', namespace: '', q: 7, other: 'x' })).toEqual({})
  expect(parseFilters({ health: 'down', namespace: 'shop', q: 'a' })).toEqual({
    health: 'down',
    namespace: 'shop',
    q: 'a',
  })
})

test('namespaces are listed once, by name', () => {
  expect(namespacesOf(store.all())).toEqual(['lab', 'shop'])
})
