import type { Freshness } from './live-feed'

/** How the page stands to the monitor, as people are told. */
export type Connection = 'connecting' | 'live' | 'reconnected' | 'reconnecting' | 'asking' | 'disconnected'

/** How long the page says that it is connected again, in milliseconds. */
export const reunion = 10_000

/** What to tell people of a freshness. */
export function connectionOf({ state, lost, back }: Freshness, now: number): Connection {
  if (state === 'live') return now - back < reunion ? 'reconnected' : 'live'
  if (state === 'polling') return lost ? 'disconnected' : 'asking'
  return state
}

/** Whether the header says that the monitor does not answer. */
export function isDisconnected(freshness: Freshness): boolean {
  return connectionOf(freshness, 0) === 'disconnected'
}

interface Words {
  word: string
  /** What follows the word, given how long ago the last data came, if any did. */
  rest(age: string | undefined): string
}

const lastData = (age: string | undefined) => (age === undefined ? '' : `, last data ${age}`)

/** The words for each connection. */
export const connectionWords: Record<Connection, Words> = {
  connecting: { word: 'Connecting', rest: () => '' },
  live: { word: 'Live', rest: age => (age === undefined ? '' : ` · ${age}`) },
  reconnected: { word: 'Reconnected', rest: () => ', live again' },
  reconnecting: { word: 'Reconnecting', rest: lastData },
  asking: { word: 'Asking every 10 s', rest: lastData },
  disconnected: { word: 'Disconnected', rest: age => `${lastData(age)}, asking again every 10 s` },
}
