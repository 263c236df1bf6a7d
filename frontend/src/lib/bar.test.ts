import { describe, expect, test } from 'vitest'
import { barHeight, barPaths, barSummary } from './bar'

describe('bar paths', () => {
  test('one path per outcome, however many cells', () => {
    expect(Object.keys(barPaths('pdfu'.repeat(15))).sort()).toEqual(['d', 'f', 'p', 'u'])
  })

  test('the newest check stands at the right edge', () => {
    expect(barPaths('p').p).toBe(`M236 ${barHeight}v-9h3v9z`)
  })

  test('only the newest 60 are drawn', () => {
    const paths = barPaths(`f${'p'.repeat(60)}`)
    expect(paths.f).toBeUndefined()
    expect(paths.p?.match(/M/g)).toHaveLength(60)
  })

  test('each outcome has a height of its own', () => {
    const heights = ['p', 'd', 'f', 'u'].map(letter => Object.values(barPaths(letter))[0]?.slice(5))
    expect(new Set(heights).size).toBe(4)
  })

  test('letters it does not know leave a gap', () => {
    expect(barPaths('x')).toEqual({})
  })
})

describe('bar summary', () => {
  test('names what went wrong first', () => {
    expect(barSummary('ppfpd')).toBe('last 5 checks: 1 failed, 1 degraded, 3 passed')
  })

  test('says that nothing was checked yet', () => {
    expect(barSummary('')).toBe('no checks yet')
  })
})
