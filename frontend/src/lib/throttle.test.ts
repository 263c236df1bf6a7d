import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttle } from './throttle'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first wish is granted at once, of the next ones in a pause one at its end', () => {
  const act = vi.fn()
  const throttled = throttle(act, 1_000)
  throttled.call()
  expect(act).toHaveBeenCalledTimes(1)
  throttled.call()
  throttled.call()
  expect(act).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  expect(act).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(5_000)
  expect(act).toHaveBeenCalledTimes(2)
})

test('a stopped one forgets what was wished', () => {
  const act = vi.fn()
  const throttled = throttle(act, 1_000)
  throttled.call()
  throttled.call()
  throttled.stop()
  vi.advanceTimersByTime(5_000)
  expect(act).toHaveBeenCalledTimes(1)
})
