import { describe, expect, test } from 'vitest'
import type { Incident } from '@/api/types'
import { chartContent, fitsChart, incidentSpans } from './chart-content'
import { cellAt, seriesOf } from './sample'

test('a minute without checks is a gap, and so is one without a good check', () => {
  const bare = { ...cellAt(2, { passed: 0, failed: 3 }) }
  delete bare.p50_us
  const content = chartContent(seriesOf(3, [cellAt(0, {}), bare]))
  expect(content.p50).toEqual([12, null, null])
  expect(content.p99).toEqual([40, null, 40])
  expect(content.failed).toEqual([0, 0, 3])
})

test('a point stands in the middle of its cell', () => {
  expect(chartContent(seriesOf(1, [])).times).toEqual([Date.parse('2026-11-22T08:00:30Z') / 1_000])
})

describe('incidents', () => {
  const incident = (started: string, ended?: string): Incident => ({
    id: started,
    namespace: 'shop',
    endpoint: 'shop/cart',
    name: 'cart',
    started: `2026-11-22T${started}:00Z`,
    ...(ended && { ended: `2026-11-22T${ended}:00Z` }),
    open: !ended,
    duration_seconds: 0,
    reason: '',
    sequence: 1,
    timeline: [],
  })
  const within = { from: Date.parse('2026-11-22T08:00:00Z'), to: Date.parse('2026-11-22T09:00:00Z') }
  test.each([
    ['one that began before and ended within', incident('07:00', '08:10'), 1],
    ['one that is still open', incident('08:30'), 1],
    ['one that was over before', incident('07:00', '08:00'), 0],
    ['one that began after', incident('09:00'), 0],
  ])('%s', (_, one, want) => {
    expect(incidentSpans([one], within)).toHaveLength(want)
  })
  test('an open one lasts to the end of the span', () => {
    expect(incidentSpans([incident('08:30')], within)[0]?.to).toBe(within.to)
  })
})

test('a threshold far above what was measured stays out of the chart', () => {
  const content = chartContent(seriesOf(1, [cellAt(0, {})]))
  expect([fitsChart(100, content), fitsChart(5_000, content)]).toEqual([true, false])
})
