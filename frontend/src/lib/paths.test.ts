import { expect, test } from 'vitest'
import { parseCheckId } from './check-id'
import { faultSentence } from './fault'
import { endpointPath, incidentPath } from './paths'

test('an ID of a check names its endpoint and its moment', () => {
  expect(parseCheckId('shop/checkout@local#1763800000000')).toEqual({
    namespace: 'shop',
    id: 'checkout',
    location: 'local',
    due: 1763800000000,
  })
})

test.each(['', 'shop', 'shop/checkout', 'shop/checkout@local', 'shop/checkout@local#soon', 'a/b/c@d#1'])(
  '"%s" is no ID of a check',
  text => expect(parseCheckId(text)).toBeUndefined(),
)

test('nothing in a name leaves its part of the address', () => {
  expect(endpointPath('a?b/c#d')).toBe('/endpoints/a%3Fb/c%23d')
  expect(incidentPath('../x')).toBe('/incidents/..%2Fx')
})

test('a fault reads as a sentence, and a new one as its code', () => {
  expect(faultSentence('refused')).toBe('Nothing listens at the address.')
  expect(faultSentence('toString')).toBe('toString')
  expect(faultSentence(undefined)).toBe('')
})
