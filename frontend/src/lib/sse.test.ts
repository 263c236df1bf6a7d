import { expect, test } from 'vitest'
import { readStream } from './sse'

function body(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

async function read(...chunks: Uint8Array[]) {
  const seen: { events: string[]; retries: number[]; bytes: number } = { events: [], retries: [], bytes: 0 }
  await readStream(body(...chunks), {
    onEvent: event => seen.events.push(`${event.id} ${event.event} ${event.data}`),
    onRetry: milliseconds => seen.retries.push(milliseconds),
    onBytes: () => seen.bytes++,
  })
  return seen
}

const text = new TextEncoder().encode('retry: 2000\n\n: \n\nid: 7\nevent: counts\ndata: {"café":1}\n\n')

test('events, the pause and heartbeats are told apart', async () => {
  expect(await read(text)).toEqual({ events: ['7 counts {"café":1}'], retries: [2000], bytes: 1 })
})

test('the stream may be cut anywhere, even inside a letter', async () => {
  const bytes = [...text].map(byte => Uint8Array.of(byte))
  expect(await read(...bytes)).toEqual({
    events: ['7 counts {"café":1}'],
    retries: [2000],
    bytes: text.length,
  })
})

test('an event without its end is not told', async () => {
  expect((await read(text.slice(0, -1))).events).toEqual([])
})
