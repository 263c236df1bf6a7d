import { describe, expect, test } from 'vitest'
import { fixedRange, isMoving, parseRange, spanOf } from './range'

const from = '2026-11-22T08:00:00Z'
const to = '2026-11-22T09:00:00Z'

describe('a range in the URL', () => {
  test.each([
    ['nothing is the default', {}, {}],
    ['the default need not be said', { range: '1h' }, {}],
    ['a span by its name', { range: '7d' }, { range: '7d' }],
    ['a span that there is not', { range: '8d' }, {}],
    ['a name that every object has', { range: 'toString' }, {}],
    ['two moments', { from, to }, { from, to }],
    ['two moments win over a span', { range: '7d', from, to }, { from, to }],
    ['one moment alone', { from, range: '7d' }, { range: '7d' }],
    ['moments in the wrong order', { from: to, to: from }, {}],
    [
      'two moments in Unix milliseconds',
      { from: `${Date.parse(from)}`, to: `${Date.parse(to)}` },
      { from, to },
    ],
    ['moments beyond all time', { from: '+275760-01-01', to: '99999999999999999' }, {}],
    ['moments that are none', { from: 'yesterday', to: 'now' }, {}],
  ])('%s', (_, search, want) => {
    expect(parseRange(search)).toEqual(want)
  })

  test('comes back as it was written', () => {
    const range = fixedRange({ from: Date.parse(from) + 250, to: Date.parse(to) })
    expect(parseRange({ ...range })).toEqual(range)
  })
})

test('a range is at least a minute long, around its middle', () => {
  const middle = Date.parse(from)
  expect(fixedRange({ from: middle - 1, to: middle + 1 })).toEqual({
    from: '2026-11-22T07:59:30Z',
    to: '2026-11-22T08:00:30Z',
  })
})

test('a span ends now, two moments stay', () => {
  const now = Date.parse(to)
  expect(spanOf({}, now)).toEqual({ from: Date.parse(from), to: now })
  expect(spanOf({ from, to }, now + 5)).toEqual({ from: Date.parse(from), to: now })
  expect([isMoving({ range: '7d' }), isMoving({ from, to })]).toEqual([true, false])
})
