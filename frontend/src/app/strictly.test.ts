import { expect, test } from 'vitest'
import { strictly } from './strictly'

test('what the parser leaves out is absent', () => {
  const parse = strictly(({ range }) => (range === '1h' ? { range } : {}))
  expect({ from: 'x', range: '9y', ...parse({ from: 'x', range: '9y' }) }).toEqual({})
  expect({ range: '1h', ...parse({ range: '1h' }) }).toEqual({ range: '1h' })
})
