import { expect, test } from 'vitest'
import { closedGroups, toggleGroup } from './closed-groups'

test('a group is closed and opened again', () => {
  const one = toggleGroup(undefined, 'shop')
  expect(one).toBe('shop')
  const two = toggleGroup(one, 'lab')
  expect([...closedGroups(two)]).toEqual(['shop', 'lab'])
  expect(toggleGroup(two, 'shop')).toBe('lab')
  expect(toggleGroup('lab', 'lab')).toBeUndefined()
})

test('names of any kind come back as they were, the empty one too', () => {
  for (const name of ['', '%', 'a,b', 'a%2Cb', 'דוגמה', '🛒']) {
    expect([...closedGroups(toggleGroup('other', name))]).toEqual(['other', name])
  }
})

test('a URL with nonsense in it closes nothing', () => {
  expect([...closedGroups(',%E0%A4%A,')]).toEqual([])
})
