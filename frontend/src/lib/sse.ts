import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** What a reader of an event stream is told. */
export interface StreamReader {
  onEvent(event: EventSourceMessage): void
  /** The server's wish for the pause before the next connection, in milliseconds. */
  onRetry(milliseconds: number): void
  /** Something arrived, if only a heartbeat. */
  onBytes(): void
}

/** Reads a server-sent event stream to its end. Rejects when the connection breaks. */
export async function readStream(body: ReadableStream<Uint8Array>, reader: StreamReader): Promise<void> {
  const parser = createParser({ onEvent: reader.onEvent, onRetry: reader.onRetry })
  const decoder = new TextDecoder()
  const chunks = body.getReader()
  for (;;) {
    const { done, value } = await chunks.read()
    if (done) return
    reader.onBytes()
    parser.feed(decoder.decode(value, { stream: true }))
  }
}
