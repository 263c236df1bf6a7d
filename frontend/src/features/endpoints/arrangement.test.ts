import { expect, test } from 'vitest'
import { arrange, type ListView, parseListView, tagNames, unhealthyWords } from './arrangement'
import { EndpointStore } from './endpoint-store'
import { selectEndpoints } from './filters'
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
  expect(unhealthyWords({ up: 5, degraded: 0, down: 0, unknown: 0 })).toBe('')
})

test('a URL with nonsense in it changes nothing', () => {
  expect(parseListView({ sort: 'health', group: 'tag:' })).toEqual({})
  expect(parseListView({ sort: 'constructor', group: 'x' })).toEqual({})
  expect(parseListView({ sort: 'latency', group: 'tag:team' })).toEqual({
    sort: 'latency',
    group: 'tag:team',
  })
})

test('a tag that is called like a property of every object is a tag like any other', () => {
  expect(lines({ group: 'tag:constructor' })).toEqual(['[]', 'api', 'node-10', 'node-9'])
})
