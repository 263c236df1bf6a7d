import { expect, test } from 'vitest'
import { parseLogFilter } from './log-filter'

test.each([
  ['nothing', {}, {}],
  ['an outcome', { outcome: 'failed' }, { outcome: 'failed' }],
  ['an outcome that there is not', { outcome: 'lost' }, {}],
  ['a check as text', { check: '1795334400000' }, { check: 1_795_334_400_000 }],
  ['a check as it is kept', { check: 1_795_334_400_000 }, { check: 1_795_334_400_000 }],
  ['a check that is none', { check: '-1' }, {}],
  ['a check that no number holds', { check: '9'.repeat(40) }, {}],
])('%s', (_, search, want) => {
  expect(parseLogFilter(search)).toEqual(want)
})
