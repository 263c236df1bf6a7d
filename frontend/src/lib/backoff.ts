const ceiling = 30_000

/**
 * How long to wait before the next attempt, in milliseconds: the server's wish,
 * doubled with each failure up to 30 s, spread over half to one and a half
 * times that, so that many pages do not come back at the same moment.
 */
export function backoff(failures: number, retry: number, random: () => number): number {
  const span = Math.min(ceiling, retry * 2 ** Math.max(0, failures - 1))
  return span * (0.5 + random())
}
