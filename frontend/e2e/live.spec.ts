import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './fixtures'

test('a stream that breaks comes back from its last event, without a gap', async ({ page, monitor }) => {
  let lists = 0 // as the page asks, for it hears of an event before the last list has reached the monitor
  page.on('request', request => {
    if (new URL(request.url()).pathname === '/api/v1/endpoints') lists++
  })
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect.poll(() => monitor.streamRequests.at(-1)?.ids.length).toBeGreaterThan(5)
  monitor.change({ key: 'platform/cart-1', health: 'degraded', reason: 'the first' })
  await expect(page.getByText('the first')).toBeVisible()
  const before = lists
  monitor.streamsDown = true
  monitor.breakStreams()
  await expect(page.getByText(/^(Reconnecting|Asking every 10 s)$/)).toBeVisible()
  monitor.change({ key: 'platform/cart-1', health: 'degraded', reason: 'the second' })
  monitor.streamsDown = false
  await expect(page.getByText('the second')).toBeVisible()
  expect(monitor.streamRequests.at(-1)?.lastEventId).toBe('1')
  expect(lists).toBe(before)
})

test('when the stream stays away the page says so and asks instead', async ({ page, monitor }) => {
  await page.clock.install()
  monitor.streamsDown = true
  await page.goto('/')
  await page.getByRole('row').nth(1).waitFor()
  await passUntil(page, page.getByText('Asking every 10 s'))
  monitor.change({ key: 'platform/cart-1', health: 'down', reason: 'seen by asking' })
  await passUntil(page, page.getByText('seen by asking'))
})

test('resync fetches everything again', async ({ page, monitor }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.getByRole('row').nth(1).waitFor()
  monitor.endpoints = monitor.endpoints.slice(0, 7)
  monitor.send('resync', {})
  await expect(page.getByRole('button', { name: /^All/ })).toContainText('7')
})

test('the stream follows the rows in sight', async ({ page, monitor }) => {
  const { fleet } = await import('./fleet')
  monitor.endpoints = fleet(2_000)
  await page.goto('/')
  await expect.poll(() => monitor.streamRequests.at(-1)?.ids.length).toBe(120)
  const before = monitor.streamRequests.length
  await page.evaluate(() => window.scrollTo(0, 50_000))
  await expect.poll(() => monitor.streamRequests.length).toBeGreaterThan(before)
  const row = page.getByRole('row').filter({ hasText: 'Up' }).nth(10)
  await expect
    .poll(async () => {
      const shown = await row.locator('a.font-medium').textContent()
      return monitor.streamRequests.at(-1)?.ids.some(key => key.endsWith(`/${shown}`))
    })
    .toBe(true)
})

// Lets the page's time pass, and its requests be answered, until something shows.
function passUntil(page: Page, sight: Locator): Promise<void> {
  return expect(async () => {
    await page.clock.runFor(2_000)
    await expect(sight).toBeVisible({ timeout: 250 })
  }).toPass()
}
