/** What is believed of an endpoint. */
export type Health = 'up' | 'degraded' | 'down' | 'unknown'

/** All healths, worst first: the order in which lists and counters show them. */
export const healths: readonly Health[] = ['down', 'degraded', 'unknown', 'up']

/** The words that people read. */
export const healthWords: Record<Health, string> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
}

export function isHealth(value: unknown): value is Health {
  return healths.some(health => health === value)
}
