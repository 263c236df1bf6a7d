import { expect, test } from 'vitest'
import { arrange, type ListView, parseListView, tagNames } from './arrangement'
import { EndpointStore } from './endpoint-store'
import { selectEndpoints } from './filters'
import { unhealthyWords, worstHealth } from './group-health'
import { summary } from './sample'

const last = (duration_us: number) => ({
  location: 'local',
  due: '2026-11-22T08:30:00.000Z',
  kind: 'scheduled' as const,
  outcome: 'passed' as const,
  duration_us,
})
const store = new EndpointStore(() => {})
await store.refresh(async () => [
  summary({ id: 'node-10', last: last(5), since: '2026-11-22T08:00:00.000Z', tags: { team: 'red' } }),
  summary({ id: 'node-9', last: last(900), tags: { team: 'blue' } }),
  summary({ id: 'api', namespace: 'lab', health: 'down', since: '2026-11-22T09:00:00.000Z', last: last(70) }),
])

function lines(view: ListView): string[] {
  const items = arrange(selectEndpoints(store.all(), view).rows, view)
  return items.map(item => (item.kind === 'group' ? `[${item.name}]` : item.endpoint.name))
}

test('the worst stand first, unless another order is asked for', () => {
  expect(lines({})).toEqual(['api', 'node-10', 'node-9'])
  expect(lines({ sort: 'name' })).toEqual(['api', 'node-9', 'node-10'])
  expect(lines({ sort: 'latency' })).toEqual(['node-9', 'api', 'node-10'])
  expect(lines({ sort: 'changed' })).toEqual(['api', 'node-10', 'node-9'])
})

test('groups stand by name, and keep the order within', () => {
  expect(lines({ group: 'namespace', sort: 'latency' })).toEqual([
    '[lab]',
    'api',
    '[shop]',
    'node-9',
    'node-10',
  ])
})

test('those without the tag stand in a group of their own, last', () => {
  expect(lines({ group: 'tag:team' })).toEqual(['[blue]', 'node-9', '[red]', 'node-10', '[]', 'api'])
  expect(tagNames(store.all())).toEqual(['team'])
})

test('a head counts what is not up', () => {
  const [head] = arrange(store.all(), { group: 'namespace' })
  if (head?.kind !== 'group') throw new Error('the first line is no head')
  expect(unhealthyWords(head.counts)).toBe('1 down')
  expect(worstHealth(head.counts)).toBe('down')
  const fine = { up: 5, degraded: 0, down: 0, unknown: 0 }
  expect(unhealthyWords(fine)).toBe('')
  expect(worstHealth(fine)).toBe('up')
  expect(worstHealth({ ...fine, degraded: 1, unknown: 2 })).toBe('degraded')
})

test('of a closed group the head alone is shown, and it counts as before', () => {
  const view: ListView = { group: 'namespace', closed: 'shop' }
  expect(lines(view)).toEqual(['[lab]', 'api', '[shop]'])
  const [, , head] = arrange(store.all(), view)
  expect(head).toMatchObject({ name: 'shop', total: 2, closed: true, counts: { up: 2 } })
})

test('a URL with nonsense in it changes nothing', () => {
  expect(parseListView({ sort: 'health', group: 'tag:' })).toEqual({})
  expect(parseListView({ sort: 'constructor', group: 'x' })).toEqual({})
  expect(parseListView({ closed: 'shop' })).toEqual({})
  expect(parseListView({ group: 'namespace', closed: 'shop' })).toEqual({
    group: 'namespace',
    closed: 'shop',
  })
  expect(parseListView({ sort: 'latency', group: 'tag:team' })).toEqual({
    sort: 'latency',
    group: 'tag:team',
  })
})

test('a tag that is called like a property of every object is a tag like any other', () => {
  expect(lines({ group: 'tag:constructor' })).toEqual(['[]', 'api', 'node-10', 'node-9'])
})
