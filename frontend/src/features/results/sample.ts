import type { Result } from '@/api/types'

/** A result for tests, due so many seconds after 08:00. */
export function resultAt(second: number, given: Partial<Result> = {}): Result {
  return {
    location: 'local',
    due: new Date(Date.parse('2026-11-22T08:00:00.000Z') + second * 1_000).toISOString(),
    kind: 'scheduled',
    outcome: 'passed',
    duration_us: 12_000,
    ...given,
  }
}
