import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeStreams } from '@/api/fake-stream'
import { Session } from '@/api/session'
import { connectionOf } from './connection'
import { LiveFeed } from './live-feed'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function lostFeed() {
  const server = fakeStreams()
  const news = { fetch: server.fetch, onEvent: () => {}, onFresh: () => {} }
  const feed = new LiveFeed(new Session(), '/live', news)
  const told = () => connectionOf(feed.freshness(), Date.now())
  feed.start()
  return { ...server, feed, told, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

async function lose({ newest, streams, pass }: ReturnType<typeof lostFeed>) {
  for (let failures = 1; failures <= 3; failures++) {
    newest().fail()
    await pass(0)
    while (failures < 3 && streams.length === failures) await pass(100)
  }
}

test('a monitor that does not answer at all is disconnected; one that refuses streams is asked', async () => {
  const lost = lostFeed()
  await lose(lost)
  expect(lost.told()).toBe('disconnected')
  lost.feed.answered(true, false)
  expect(lost.told()).toBe('asking')
  expect(lost.feed.freshness().heard).toBe(0)
})

test('the first answer brings the stream back at once, which is said for a while', async () => {
  const lost = lostFeed()
  await lose(lost)
  const before = lost.streams.length
  lost.feed.answered(true, true)
  await lost.pass(0)
  expect(lost.streams).toHaveLength(before + 1)
  lost.newest().accept()
  await lost.pass(0)
  expect(lost.told()).toBe('reconnected')
  await lost.pass(10_000)
  expect(lost.told()).toBe('live')
  lost.feed.stop()
})
