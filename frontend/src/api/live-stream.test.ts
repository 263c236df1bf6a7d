import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeStreams } from './fake-stream'
import { type LiveOptions, LiveStream, silenceLimit } from './live-stream'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function follow(options: Partial<LiveOptions> = {}) {
  const server = fakeStreams()
  const log: string[] = []
  const stream = new LiveStream({
    url: '/live',
    headers: () => ({ Authorization: 'Bearer t' }),
    ids: () => [],
    onEvent: ({ type, data }) => log.push(`${type} ${JSON.stringify(data)}`),
    onFresh: () => log.push('fresh'),
    onState: state => log.push(state),
    onHeard: () => {},
    onAnswer: () => {},
    onRefused: () => log.push('refused'),
    fetch: server.fetch,
    random: () => 0.5,
    ...options,
  })
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)
  return { ...server, stream, log, pass }
}

const event = (id: number) => `id: ${id}\nevent: counts\ndata: ${id}\n\n`

describe('a stream', () => {
  test('tells of its events, and asks for a full fetch first', async () => {
    const { newest, log, pass } = follow()
    newest().accept()
    newest().feed(event(1))
    await pass(0)
    expect(log).toEqual(['connecting', 'live', 'fresh', 'counts 1'])
    expect(newest().headers).toMatchObject({ Accept: 'text/event-stream', Authorization: 'Bearer t' })
  })

  test('names the endpoints that are wanted', () => {
    const { newest } = follow({ ids: () => ['shop/a b', 'shop/c'] })
    expect(newest().url).toBe('/live?ids=shop%2Fa%20b,shop%2Fc')
  })

  test('comes back from its last event after a break, without a full fetch', async () => {
    const { streams, newest, log, pass } = follow()
    newest().accept()
    newest().feed(event(7))
    await pass(0)
    newest().break()
    await pass(1_999)
    expect(streams).toHaveLength(1)
    await pass(1)
    newest().accept()
    newest().feed(event(8))
    await pass(0)
    expect(newest().headers['Last-Event-ID']).toBe('7')
    expect(log).toEqual(['connecting', 'live', 'fresh', 'counts 7', 'reconnecting', 'live', 'counts 8'])
  })

  test('comes back after a planned end when the server wants it to', async () => {
    const { streams, newest, pass } = follow()
    newest().accept()
    newest().feed('retry: 300\n\n')
    await pass(0)
    newest().end()
    await pass(300)
    expect(streams).toHaveLength(2)
  })

  test('waits longer with each failure, and the third turns polling on', async () => {
    const { streams, newest, log, pass } = follow()
    for (const wait of [2_000, 4_000, 8_000]) {
      newest().refuse(503)
      const before = streams.length
      await pass(wait - 1)
      expect(streams).toHaveLength(before)
      await pass(1)
      expect(streams).toHaveLength(before + 1)
    }
    expect(log).toEqual(['connecting', 'reconnecting', 'reconnecting', 'polling'])
    newest().accept()
    await pass(0)
    expect(log.slice(-2)).toEqual(['live', 'fresh'])
  })

  test('says whether anything answers at the other end', async () => {
    const answers: boolean[] = []
    const { newest, pass } = follow({ onAnswer: answered => answers.push(answered) })
    newest().break()
    newest().refuse(503)
    await pass(2_000)
    newest().fail()
    await pass(4_000)
    await pass(silenceLimit)
    expect(answers).toEqual([true, false, false])
  })

  test('that falls silent counts as broken, one with a heartbeat does not', async () => {
    const { newest, log, pass } = follow()
    newest().accept()
    await pass(silenceLimit - 1)
    newest().feed(': \n\n')
    await pass(silenceLimit - 1)
    expect(log.at(-1)).toBe('fresh')
    await pass(1)
    expect(log.at(-1)).toBe('reconnecting')
    expect(newest().dropped).toBe(true)
  })

  test('ends when the server wants a token', async () => {
    const { streams, newest, log, pass } = follow()
    newest().refuse(401)
    await pass(60_000)
    expect(log).toEqual(['connecting', 'refused'])
    expect(streams).toHaveLength(1)
  })

  test('an answer that is no stream is a failure', async () => {
    const { newest, log, pass } = follow()
    newest().accept('text/html')
    await pass(0)
    expect(log).toEqual(['connecting', 'reconnecting'])
  })

  test('data that cannot be read makes the page fetch everything again', async () => {
    const { newest, log, pass } = follow()
    newest().accept()
    newest().feed('id: 3\nevent: endpoints\ndata: [{"key\n\n')
    await pass(0)
    expect(log.at(-1)).toBe('resync {}')
  })
})

describe('reconnect', () => {
  test('drops the connection and makes another at once, from the last event', async () => {
    let ids = ['shop/a']
    const { streams, newest, stream, log, pass } = follow({ ids: () => ids })
    newest().accept()
    newest().feed(event(4))
    await pass(0)
    ids = ['shop/b']
    stream.reconnect()
    await pass(0)
    expect(streams[0]?.dropped).toBe(true)
    expect(newest().url).toBe('/live?ids=shop%2Fb')
    expect(newest().headers['Last-Event-ID']).toBe('4')
    expect(log).not.toContain('reconnecting')
  })

  test('cuts a pause short', async () => {
    const { streams, newest, stream, pass } = follow()
    newest().refuse(503)
    await pass(0)
    stream.reconnect()
    await pass(0)
    expect(streams).toHaveLength(2)
  })
})

test('close ends it for good', async () => {
  const { streams, newest, stream, pass } = follow()
  newest().accept()
  await pass(0)
  stream.close()
  await pass(600_000)
  expect(newest().dropped).toBe(true)
  expect(streams).toHaveLength(1)
})
