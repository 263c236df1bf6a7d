import { expect, type Page } from '@playwright/test'
import { test, violations } from './fixtures'

const rows = (page: Page, count: number) =>
  expect(page.getByRole('table', { name: 'Endpoints' })).toHaveAttribute('aria-rowcount', String(count))

test('groups close and open, by keys as well, and the URL remembers it', async ({ page, monitor }, info) => {
  await page.goto('/?group=namespace')
  const billing = page.getByRole('button', { name: /^billing 10 endpoints all up/ })
  await expect(billing).toHaveAttribute('aria-expanded', 'true')
  await rows(page, 1 + 3 + 30)
  await billing.click()
  await expect(billing).toHaveAttribute('aria-expanded', 'false')
  await rows(page, 1 + 3 + 20)
  await expect(page).toHaveURL(/\?group=namespace&closed=billing$/)
  await page.screenshot({ path: info.outputPath('closed.png') })
  expect(await violations(page)).toEqual([])

  await page.keyboard.press('j')
  const platform = page.getByRole('button', { name: /^platform 10 endpoints 1 degraded/ })
  await expect(platform).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(platform).toHaveAttribute('aria-expanded', 'false')
  await expect(platform).toBeFocused()
  await page.keyboard.press('j')
  await expect(page.getByRole('button', { name: /^shop 10 endpoints 1 down/ })).toBeFocused()
  await page.keyboard.press('Space')
  await rows(page, 1 + 3)

  await page.reload()
  await rows(page, 1 + 3)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const member = monitor.endpoints.find(endpoint => endpoint.namespace === 'billing')
  monitor.change({ key: member?.key ?? '', health: 'down', reason: 'seen in a closed group' })
  await expect(page.getByRole('button', { name: /^billing 10 endpoints 1 down/ })).toBeVisible()
})

test('another grouping opens everything', async ({ page }) => {
  await page.goto('/?group=namespace&closed=shop')
  await rows(page, 1 + 3 + 20)
  await page.getByLabel('Group by').selectOption('')
  await expect(page).toHaveURL(/\/$/)
  await rows(page, 1 + 30)
})

test('on a phone the head keeps its counts and its worst', async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/?group=namespace&closed=billing,shop,platform')
  const shop = page.getByRole('button', { name: /^shop/ })
  await expect(shop.getByText('1 down')).toBeVisible()
  await page.screenshot({ path: info.outputPath('closed-phone.png') })
  expect(await violations(page)).toEqual([])
})
