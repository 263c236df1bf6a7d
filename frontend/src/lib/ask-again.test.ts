import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { askAgain } from './ask-again'

/** A watched query whose answers the test gives, one by one. */
function watched() {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  const asked: ((answer: string) => void)[] = []
  const observer = new QueryObserver(queries, {
    queryKey: ['me'],
    queryFn: () => new Promise<string>(resolve => asked.push(resolve)),
  })
  const shown: unknown[] = []
  observer.subscribe(({ data }) => {
    if (shown.at(-1) !== data) shown.push(data)
  })
  return { queries, asked, shown }
}

test('a first answer on its way is shown, and asked for again', async () => {
  const { queries, asked, shown } = watched()
  askAgain(queries)
  expect(asked).toHaveLength(1)
  asked[0]?.('before the news')
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.('after')
  await expect.poll(() => shown).toEqual(['before the news', 'after'])
})

test('much news while a first answer is on its way have it asked for again once', async () => {
  const { queries, asked, shown } = watched()
  for (let news = 0; news < 5; news++) askAgain(queries)
  asked[0]?.('before the news')
  await expect.poll(() => asked.length).toBeGreaterThan(1)
  for (const give of asked.slice(1)) give('after')
  await expect.poll(() => shown).toEqual(['before the news', 'after'])
  expect(asked).toHaveLength(2)
})

test('a later answer on its way is thrown away', async () => {
  const { queries, asked, shown } = watched()
  asked[0]?.('first')
  await expect.poll(() => shown).toEqual(['first'])
  askAgain(queries)
  askAgain(queries)
  asked[1]?.('before the news')
  asked[2]?.('after')
  await expect.poll(() => shown).toEqual(['first', 'after'])
  expect(asked).toHaveLength(3)
})
