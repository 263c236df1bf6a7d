import { useState } from 'react'

interface Asked {
  data: unknown
  error: unknown
}

/**
 * The error of a query, which stands until an answer comes: the query itself
 * forgets it each time that it asks again, and the page would flicker.
 */
export function useSteadyError({ data, error }: Asked): unknown {
  const [last, setLast] = useState<unknown>(null)
  const shown = error ?? (data === undefined ? last : null)
  if (shown !== last) setLast(shown)
  return shown
}
