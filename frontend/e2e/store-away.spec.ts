import { expect, type Page } from '@playwright/test'
import { sidewaysScroll, test, violations } from './fixtures'

const since = '2026-11-22T12:03:00.000Z'
const words = /The store has not answered since (22 Nov 2026, )?12:03:00/
const notice = (page: Page) => page.getByText(words)

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('every page says that the store is away, moves nothing for it, and stops by itself', async ({
      page,
      monitor,
    }, info) => {
      const [incident] = monitor.incidents
      for (const [name, path] of [
        ['overview', '/'],
        ['incidents', '/incidents'],
        ['incident', `/incidents/${incident?.id}`],
        ['endpoint', '/endpoints/platform/cart-1'],
      ]) {
        await page.setViewportSize({ width: 1280, height: 800 })
        await page.goto(path ?? '/')
        await expect(page.getByText('Live', { exact: true })).toBeVisible()
        await page.locator('main h2, main h3, main [role=row]').first().waitFor()
        await expect(notice(page)).toHaveCount(0)
        const before = await page.locator('main').evaluate(main => main.getBoundingClientRect().top)
        monitor.storeAway(since)
        await expect(notice(page)).toBeVisible()
        await expect(page.getByRole('status').filter({ has: notice(page) })).toContainText('come from memory')
        expect(await page.locator('main').evaluate(main => main.getBoundingClientRect().top)).toBe(before)
        await page.screenshot({ path: info.outputPath(`away-${name}-${scheme}.png`) })
        expect(await violations(page)).toEqual([])
        await page.setViewportSize({ width: 390, height: 844 })
        expect(await sidewaysScroll(page)).toBe(0)
        await page.screenshot({ path: info.outputPath(`away-${name}-${scheme}-phone.png`) })
        monitor.storeAway()
        await expect(notice(page)).toHaveCount(0)
      }
    })
  })
}

test('a page that is opened meanwhile says so too, and fills once it is over', async ({
  page,
  monitor,
}, info) => {
  monitor.storeAway(since)
  await page.goto('/endpoints/platform/cart-1')
  await expect(notice(page)).toBeVisible()
  await expect(page.getByText('Checks: the store has not answered in time')).toBeVisible()
  await expect(page.locator('main header')).toBeVisible()
  await page.screenshot({ path: info.outputPath('opened-meanwhile.png') })
  monitor.storeAway()
  await expect(page.locator('[data-check]').first()).toBeVisible()
  await expect(notice(page)).toHaveCount(0)
  await expect(page.getByText('the store has not answered in time')).toHaveCount(0)
})

test('what a page had stays while the store is away', async ({ page, monitor }, info) => {
  await page.goto('/endpoints/platform/cart-1')
  await expect(page.locator('[data-check]').first()).toBeVisible()
  monitor.storeAway(since)
  await expect(notice(page)).toBeVisible()
  monitor.change({ key: 'platform/cart-1', health: 'down', reason: 'told by the stream' })
  await expect(page.getByText('told by the stream').first()).toBeVisible()
  await expect(page.locator('[data-check]').first()).toBeVisible()
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await page.screenshot({ path: info.outputPath('had.png') })
})

test('the last row of the list comes to lie above the notice', async ({ page, monitor }) => {
  monitor.storeAway(since)
  await page.goto('/')
  await expect(notice(page)).toBeVisible()
  await page.getByRole('row').nth(1).waitFor()
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  const foot = await notice(page).boundingBox()
  await expect
    .poll(async () => {
      const last = await page.getByRole('row').last().boundingBox()
      return last && foot ? last.y + last.height <= foot.y : false
    })
    .toBe(true)
})
