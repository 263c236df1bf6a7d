import type { Definition, Result } from '@/api/types'
import { formatMicros, formatMoment } from '@/lib/format'

/** One expectation of an endpoint, held against one check. */
export interface Verdict {
  expectation: string
  want: string
  /** Empty where the check tells nothing of it. */
  got: string
  /** Undefined when no answer came that could be held against it. */
  met: boolean | undefined
}

/** Every expectation with what came instead. Missed ones come first. */
export function verdicts(expect: Definition['expect'], result: Result): Verdict[] {
  const missed = (result.unmet ?? []).map(unmet => ({ ...unmet, met: false }))
  const held = new Set(missed.map(verdict => verdict.expectation))
  const answered = result.outcome === 'passed' || result.outcome === 'degraded' || missed.length > 0
  const rest = wanted(expect, result)
    .filter(verdict => !held.has(verdict.expectation))
    .map(verdict => ({
      ...verdict,
      got: answered ? verdict.got : '',
      met: answered ? true : undefined,
    }))
  return [...missed, ...rest]
}

function wanted(expect: Definition['expect'], result: Result): Omit<Verdict, 'met'>[] {
  const all: Omit<Verdict, 'met'>[] = []
  const add = (expectation: string, want: string | undefined, got = '') => {
    if (want) all.push({ expectation, want, got })
  }
  add('status', expect.status?.join(', '), result.status ? String(result.status) : '')
  add('latency', expect.latency && `at most ${expect.latency}`, formatMicros(result.duration_us))
  for (const [path, value] of Object.entries(expect.json ?? {})) add(`json.${path}`, JSON.stringify(value))
  const until = result.certificate ? `until ${formatMoment(Date.parse(result.certificate))}` : ''
  add('certificate', expect.certificate && `valid for ${expect.certificate} or more`, until)
  add('cel', expect.cel)
  return all
}
