import { describe, expect, test } from 'vitest'
import { verdicts } from './expectations'
import { phasesOf } from './phases'
import { resultAt } from './sample'

const wants = { status: ['200-299'], latency: '500ms', json: { status: 'ok', items: 3 } }

describe('expectations', () => {
  test('of a check that passed are all met', () => {
    expect(verdicts(wants, resultAt(1, { status: 200 }))).toEqual([
      { expectation: 'status', want: '200-299', got: '200', met: true },
      { expectation: 'latency', want: 'at most 500ms', got: '12 ms', met: true },
      { expectation: 'json.status', want: '"ok"', got: '', met: true },
      { expectation: 'json.items', want: '3', got: '', met: true },
    ])
  })
  test('that were missed come first, with what came instead', () => {
    const unmet = [{ expectation: 'json.status', want: '"ok"', got: '"<b>broken</b>"' }]
    const [first, ...rest] = verdicts(wants, resultAt(1, { outcome: 'failed', status: 200, unmet }))
    expect(first).toEqual({ ...unmet[0], met: false })
    expect(rest.map(verdict => [verdict.expectation, verdict.met])).toEqual([
      ['status', true],
      ['latency', true],
      ['json.items', true],
    ])
  })
  test('are open when no answer came', () => {
    const all = verdicts(wants, resultAt(1, { outcome: 'failed', fault: 'refused' }))
    expect(all.map(verdict => verdict.met)).toEqual([undefined, undefined, undefined, undefined])
    expect(all.map(verdict => verdict.got)).toEqual(['', '', '', ''])
  })
})

test('phases: those that took time, in their order, and the rest', () => {
  const result = resultAt(1, { dns_us: 1_000, tls_us: 3_000, first_byte_us: 7_000 })
  expect(phasesOf(result)).toEqual([
    { name: 'DNS', us: 1_000 },
    { name: 'TLS', us: 3_000 },
    { name: 'First byte', us: 7_000 },
    { name: 'Other', us: 1_000 },
  ])
  expect(phasesOf(resultAt(1))).toEqual([])
})
