import { type Health, healths } from '@/lib/health'
import type { HealthCounts } from './filters'

/** The worst health that an endpoint of the group has. */
export function worstHealth(counts: HealthCounts): Health {
  return healths.find(health => counts[health] > 0) ?? 'unknown'
}

/** What is not up in a group, worst first, for example "2 down, 1 unknown"; empty when all is up. */
export function unhealthyWords(counts: HealthCounts): string {
  return healths
    .filter(health => health !== 'up' && counts[health] > 0)
    .map(health => `${counts[health].toLocaleString()} ${health}`)
    .join(', ')
}
