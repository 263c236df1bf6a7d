/** How often a query asks again by itself, in milliseconds; false for not at all. */
export type Refetch = (query: { state: { status: string } }) => number | false

/** While the stream is away, and after a fault, pages ask this often, in milliseconds. */
export const askInterval = 10_000

/** A query that has failed asks again by itself; all others wait for the stream. */
export const afterFaults: Refetch = ({ state }) => (state.status === 'error' ? askInterval : false)
