import { expect, type Page } from '@playwright/test'
import { test, violations } from './fixtures'

// Fake time: what is said for some seconds only stands as long as the test wants it to.
test.beforeEach(({ page }) => page.clock.install())

test('a lost monitor is told of once, with the age of the data, and so is its return', async ({
  page,
  monitor,
}, info) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.getByRole('row').nth(1).waitFor()
  const header = page.getByRole('banner')
  monitor.gone = true
  monitor.breakStreams()
  await passUntil(page, () => expect(header.getByText('Disconnected', { exact: true })).toBeVisible())
  await expect(header).toContainText(
    /Disconnected, last data (\d+ min )?(\d+ s )?ago, asking again every 10 s/,
  )
  const cut = monitor.listsCut
  await passUntil(page, async () => expect(monitor.listsCut).toBeGreaterThan(cut + 3))
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await page.screenshot({ path: info.outputPath('disconnected.png') })
  expect(await violations(page)).toEqual([])

  monitor.endpoints = monitor.endpoints.slice(0, 12)
  monitor.gone = false
  await passUntil(page, () => expect(page.getByRole('button', { name: /^All/ })).toContainText('12'))
  await passUntil(page, () => expect(header.getByText(/^(Reconnected|Live)$/)).toBeVisible())
  await page.screenshot({ path: info.outputPath('reconnected.png') })
  await passUntil(page, () => expect(header.getByText('Live', { exact: true })).toBeVisible())
})

test('a page that was opened while nothing answered fills by itself', async ({ page, monitor }, info) => {
  await page.route('**/api/**', route => route.abort())
  await page.goto('/incidents')
  await expect(page.getByRole('heading', { name: 'The monitor does not answer' })).toBeVisible()
  await page.screenshot({ path: info.outputPath('never.png') })
  await page.unrouteAll()
  await passUntil(page, () => expect(page.getByRole('list', { name: 'Open incidents' })).toBeVisible())
  expect(monitor.streamRequests.length).toBeGreaterThan(0)
})

const faults = [
  { status: 403, detail: 'Your role may not see this namespace.', title: 'This is not allowed' },
  { status: 500, detail: 'The store is broken.', title: 'The monitor has a fault' },
]
for (const { title, ...fault } of faults) {
  test(`${fault.status} is told in the server's words, and ends by itself`, async ({
    page,
    monitor,
  }, info) => {
    monitor.fault = fault
    await page.goto('/')
    await passUntil(page, () => expect(page.getByRole('heading', { name: title })).toBeVisible())
    await expect(page.getByText(fault.detail).first()).toBeVisible()
    await page.screenshot({ path: info.outputPath(`fault-${fault.status}.png`) })
    monitor.fault = undefined
    await passUntil(page, () => expect(page.getByRole('row').nth(1)).toBeVisible())
    await expect(page.getByRole('heading', { name: title })).toBeHidden()
  })

  test(`${fault.status} on an endpoint's and an incident's page ends by itself`, async ({
    page,
    monitor,
  }) => {
    const [incident] = monitor.incidents
    for (const path of ['/endpoints/platform/cart-1', `/incidents/${incident?.id}`]) {
      monitor.everyFault = fault
      await page.goto(path)
      await passUntil(page, () => expect(page.getByText(fault.detail).first()).toBeVisible())
      monitor.everyFault = undefined
      await passUntil(page, () => expect(page.locator('main header')).toBeVisible())
    }
  })
}

test('what fails beside a stream that lives is asked for again as well', async ({ page, monitor }) => {
  monitor.listFault = 'the list is broken'
  await page.goto('/')
  await passUntil(page, () => expect(page.getByText('the list is broken')).toBeVisible())
  monitor.listFault = undefined
  await passUntil(page, () => expect(page.getByRole('row').nth(1)).toBeVisible())
  monitor.historyFault = 'the history is broken'
  await page.goto('/endpoints/platform/cart-1')
  await passUntil(page, () => expect(page.getByText('Checks: the history is broken')).toBeVisible())
  monitor.historyFault = undefined
  await passUntil(page, () => expect(page.locator('[data-check]').first()).toBeVisible())
  await expect(page.getByText('the history is broken')).toHaveCount(0)
})

test('a slow answer is called slow, and taken when it comes', async ({ page, monitor }, info) => {
  monitor.silent = true
  await page.goto('/')
  await passUntil(page, () =>
    expect(page.getByText('The monitor is slow to answer. Still waiting.')).toBeVisible(),
  )
  await page.screenshot({ path: info.outputPath('slow.png') })
  monitor.speak()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
})

test('the stream is cut for a minute: nothing is missed', async ({ page, monitor }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect.poll(() => monitor.streamRequests.at(-1)?.ids.length).toBeGreaterThan(5)
  monitor.change({ key: 'platform/cart-1', health: 'degraded', reason: 'before' })
  await expect(page.getByText('before')).toBeVisible()
  monitor.streamsDown = true
  monitor.breakStreams()
  await page.clock.runFor(60_000)
  monitor.change({ key: 'platform/cart-1', health: 'down', reason: 'meanwhile' })
  monitor.streamsDown = false
  await passUntil(page, () => expect(page.getByText('meanwhile')).toBeVisible())
  await passUntil(page, () => expect(page.getByText(/^(Reconnected|Live)$/)).toBeVisible())
})

// Lets the page's time pass, and its requests be answered, until something holds.
function passUntil(page: Page, holds: () => Promise<void>): Promise<void> {
  return expect(async () => {
    await page.clock.runFor(2_000)
    await holds()
  }).toPass({ timeout: 60_000 })
}
