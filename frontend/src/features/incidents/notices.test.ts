import { expect, test } from 'vitest'
import type { Notice } from '@/api/types'
import { isWaiting, ledgerSteps, noticeState, tellingOf } from './notices'

const notice: Notice = { sequence: 1, change: 'opened', channel: 'shop/oncall', created: 'c', attempts: 0 }

test.each([
  [{}, 'pending', true],
  [{ attempts: 2, error: 'HTTP 503' }, 'trying again', true],
  [{ attempts: 9, given_up: 'g' }, 'given up', false],
  [{ attempts: 2, accepted: 'a' }, 'accepted', false],
] as const)('a notice with %o is %s', (given, state, waiting) => {
  expect(noticeState({ ...notice, ...given })).toBe(state)
  expect(isWaiting({ ...notice, ...given })).toBe(waiting)
})

test.each([
  [[], undefined, 'nobody'],
  [[], [], 'nobody'],
  [['shop/oncall'], undefined, 'coming'],
  [['shop/oncall'], [], 'coming'],
  [['shop/oncall'], [{ attempts: 2, error: 'HTTP 503' }], 'coming'],
  [['shop/oncall'], [{ attempts: 9, given_up: 'g' }], 'failed'],
  [['shop/oncall'], [{ attempts: 9, given_up: 'g' }, { accepted: 'a' }], 'told'],
] as const)('with channels %o and notices %o, word is %s', (channels, notices, want) => {
  const known = notices?.map(given => ({ ...notice, ...given }))
  expect(tellingOf(channels, known)).toBe(want)
})

test('each step of the ledger counts from the one before it', () => {
  const steps = ledgerSteps({
    first_failure: '2026-11-22T12:00:00.000Z',
    decided: '2026-11-22T12:00:01.250Z',
    sent: '2026-11-22T12:00:01.260Z',
  })
  expect(steps.map(step => step.after)).toEqual([undefined, 1_250, 10, undefined])
  expect(steps.at(-1)).toMatchObject({ word: 'Accepted', at: undefined })
})

test('a step over one that is not known says no time', () => {
  const [, , sent] = ledgerSteps({ first_failure: '2026-11-22T12:00:00Z', sent: '2026-11-22T12:00:02Z' })
  expect(sent?.after).toBeUndefined()
})
