import { expect, test } from 'vitest'
import { bucketSummary, bucketsOf, placedCells } from './buckets'
import { cellAt, seriesOf } from './sample'

test('cells stand where they belong, and what is missing is a gap', () => {
  const series = seriesOf(5, [cellAt(0, {}), cellAt(3, { failed: 1 })])
  expect(placedCells(series).map(cell => cell?.failed)).toEqual([0, undefined, undefined, 1, undefined])
})

test('a cell outside the range is left out', () => {
  expect(placedCells(seriesOf(2, [cellAt(-1, {}), cellAt(2, {})]))).toEqual([undefined, undefined])
})

test('of few cells each is a bucket', () => {
  const buckets = bucketsOf(
    seriesOf(4, [cellAt(0, {}), cellAt(1, { degraded: 1 }), cellAt(2, { unknown: 9 })]),
  )
  expect(buckets.map(bucket => bucket.worst)).toEqual(['p', 'd', 'p', undefined])
})

test('one failed minute of a day stays visible', () => {
  const day = Array.from({ length: 1_440 }, (_, minute) => cellAt(minute, { failed: minute === 777 ? 1 : 0 }))
  const buckets = bucketsOf(seriesOf(1_440, day))
  expect(buckets).toHaveLength(90)
  expect(buckets.filter(bucket => bucket.worst === 'f')).toHaveLength(1)
  expect(buckets.reduce((sum, bucket) => sum + bucket.passed, 0)).toBe(1_440 * 60)
})

test('the last bucket ends with the range', () => {
  const series = seriesOf(100, [])
  const buckets = bucketsOf(series)
  expect(buckets).toHaveLength(50)
  expect(bucketsOf(seriesOf(181, [])).at(-1)?.to).toBe(Date.parse(seriesOf(181, []).to))
})

test('only unknown checks are no good news', () => {
  const [bucket] = bucketsOf(seriesOf(1, [cellAt(0, { passed: 0, unknown: 3 })]))
  expect(bucket?.worst).toBe('u')
})

test('a bucket in words', () => {
  const [bucket, empty] = bucketsOf(seriesOf(2, [cellAt(0, { passed: 1_058, failed: 2 })]))
  expect([bucket, empty].map(one => one && bucketSummary(one))).toEqual([
    '2 failed, 1,058 passed',
    'no checks',
  ])
})
