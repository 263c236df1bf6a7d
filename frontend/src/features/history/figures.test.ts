import { expect, test } from 'vitest'
import { formatUptime, uptimeFormula } from './figures'

test.each([
  [1, '100 %'],
  [0.5, '50 %'],
  [0.9995, '99.95 %'],
  [0.29, '29 %'],
  [0.9999999, '99.999 %'],
  [0, '0 %'],
  [undefined, 'no data'],
])('an uptime of %s reads %s', (uptime, want) => {
  expect(formatUptime(uptime)).toBe(want)
})

const none = { passed: 0, degraded: 0, failed: 0, unknown: 0, late: 0 }

test.each([
  ['all passed', { ...none, passed: 60 }, '60 passed of 60 checks'],
  [
    'degraded ones count as up',
    { ...none, passed: 8, degraded: 1, failed: 1 },
    '8 passed + 1 degraded of 10 checks',
  ],
  [
    'unknown ones are named',
    { ...none, passed: 2, unknown: 1 },
    '2 passed of 2 checks; 1 unknown one left out',
  ],
  [
    'spared ones count as down',
    { ...none, passed: 2, failed: 10, spared: 30 },
    '2 passed of 12 checks; 30 spared while down count as failed',
  ],
])('%s', (_, figures, want) => {
  expect(uptimeFormula(figures)).toBe(want)
})
