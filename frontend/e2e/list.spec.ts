import { expect, type Page } from '@playwright/test'
import { test, violations } from './fixtures'
import { fleet } from './fleet'

test('groups, order and filters live in the URL, and chips take filters away', async ({ page }, info) => {
  await page.goto('/')
  await page.getByLabel('Group by').selectOption('namespace')
  await page.getByLabel('Order').selectOption('name')
  await expect(page).toHaveURL(/\?group=namespace&sort=name$/)
  await expect(page.getByRole('row', { name: /^platform 10 endpoints 1 degraded/ })).toBeVisible()
  await expect(page.getByRole('row', { name: /^billing 10 endpoints all up/ })).toBeVisible()
  await page.screenshot({ path: info.outputPath('groups.png') })
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: /^Down/ }).click()
  await page.reload()
  await expect(page.getByRole('row')).toHaveCount(3)
  await page.getByRole('button', { name: 'Remove the filter Health: Down' }).click()
  await expect(page).toHaveURL(/\?group=namespace&sort=name$/)
})

test('rows stand as close as was chosen, after a reload too', async ({ page }, info) => {
  await page.goto('/')
  const second = page.locator('[aria-rowindex="3"]')
  for (const [density, height] of [
    ['compact', 28],
    ['normal', 36],
    ['roomy', 44],
  ] as const) {
    await page.getByLabel('Rows').selectOption(density)
    await page.reload()
    await expect.poll(async () => (await second.boundingBox())?.height).toBe(height)
    await page.screenshot({ path: info.outputPath(`${density}.png`) })
    expect(await violations(page)).toEqual([])
  }
})

test('the keys lead everywhere', async ({ page }, info) => {
  await page.goto('/')
  await page.getByRole('row').nth(1).waitFor()
  for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key)
  const focused = page.locator('[aria-rowindex="3"] a').first()
  await expect(focused).toBeFocused()
  const name = await focused.textContent()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await page.screenshot({ path: info.outputPath('keys.png') })
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await expect(focused).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/endpoints/\\w+/${name}$`))
  await goBy(page, 'i', () => expect(page).toHaveURL(/\/incidents$/, { timeout: 5_000 }))
  await goBy(page, 'o', () =>
    expect(page.getByRole('table', { name: 'Endpoints' })).toBeVisible({ timeout: 5_000 }),
  )
})

// Presses g and the key until that has led there: on a machine that stood still in between, the two are too far apart.
function goBy(page: Page, key: string, there: () => Promise<void>): Promise<void> {
  return expect(async () => {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await there()
  }).toPass({ timeout: 60_000 })
}

test('the focus goes with its endpoint, wherever that goes', async ({ page, monitor }) => {
  monitor.endpoints = fleet(2_000)
  await page.goto('/')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.getByLabel('Order').selectOption('changed')
  await page.getByRole('row').nth(5).waitFor()
  await page.mouse.move(2, 2)
  for (const key of ['j', 'j', 'j']) await page.keyboard.press(key)
  const keyOfFocused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset.key)
  const key = await keyOfFocused()
  if (!key) throw new Error('nothing in the list has the focus')
  monitor.change({ key, health: 'degraded', since: '2020-01-01T00:00:00.000Z', reason: 'sank' })
  const row = page.locator(`[data-key="${key}"]`)
  await expect(row).toHaveAttribute('aria-rowindex', '2001')
  expect(await keyOfFocused()).toBe(key)
  expect(await page.evaluate(() => window.scrollY)).toBeLessThan(500)
})

test('one endpoint is one row', async ({ page, monitor }) => {
  monitor.endpoints = fleet(1)
  await page.goto('/?group=namespace')
  await expect(page.getByRole('row', { name: /1 endpoint/ })).toBeVisible()
  await expect(page.getByRole('row')).toHaveCount(3)
})
