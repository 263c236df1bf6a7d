import { expect } from '@playwright/test'
import { test } from './fixtures'

test('the overview shows counters, incidents and endpoints, worst first', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('button', { name: /^All/ })).toContainText('30')
  await expect(page.getByRole('button', { name: /^Down/ })).toContainText('1')
  await expect(page.getByRole('heading', { name: 'Open incidents (1)' })).toBeVisible()
  const first = page.getByRole('row').nth(1)
  await expect(first).toContainText('Down')
  await expect(first).toContainText('connection refused')
  await expect(first.getByRole('img')).toHaveAttribute('aria-label', /6 failed/)
})

test('a change shows without a reload', async ({ page, monitor }) => {
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const row = page.getByRole('row').filter({ hasText: 'cart-1platform' }).first()
  await expect(row).toContainText('Up')
  const due = new Date().toISOString()
  monitor.change({
    key: 'platform/cart-1',
    health: 'down',
    reason: 'status must be 200-299, got 500',
    last: { due, outcome: 'failed', duration_us: 3_000 },
    letter: 'f',
  })
  await expect(page.getByText('status must be 200-299, got 500')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Down/ })).toContainText('2')
})

test('a new incident joins the strip, and leaves it when it ends', async ({ page, monitor }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Open incidents (1)' })).toBeVisible()
  const [known] = monitor.incidents
  if (!known) throw new Error('no incident')
  const another = { ...known, id: 'another', name: 'ledger', started: new Date().toISOString() }
  monitor.incidents = [another, known]
  monitor.send('incident', another)
  await expect(page.getByRole('heading', { name: 'Open incidents (2)' })).toBeVisible()
  monitor.incidents = [known]
  monitor.send('incident', { ...another, open: false })
  await expect(page.getByRole('heading', { name: 'Open incidents (1)' })).toBeVisible()
})

test('filters live in the URL: reload and Back restore them', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: /^Down/ }).click()
  await expect(page).toHaveURL(/\?health=down$/)
  await page.getByRole('combobox', { name: 'Namespace', exact: true }).selectOption('shop')
  await page.keyboard.press('Escape')
  await page.getByRole('searchbox').fill('ship')
  await expect(page).toHaveURL(/health=down&namespace=shop&q=ship$/)
  await page.reload()
  await expect(page.getByRole('searchbox')).toHaveValue('ship')
  await expect(page.getByRole('combobox', { name: 'Namespace', exact: true })).toHaveValue('shop')
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.goBack()
  await expect(page).toHaveURL(/\?health=down$/)
  await expect(page.getByRole('searchbox')).toHaveValue('')
})

test('/ leads to the search, Escape empties it', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('row').nth(1).waitFor()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('cart')
  await expect(page).toHaveURL(/q=cart/)
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/q=/)
})
