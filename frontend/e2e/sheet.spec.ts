import { expect, type Page } from '@playwright/test'
import { test, violations } from './fixtures'

const address = '/endpoints/platform/cart-1'

async function openFirst(page: Page) {
  const row = page.locator('[data-check]').first()
  await row.click()
  const sheet = page.getByRole('dialog', { name: 'Check' })
  await expect(sheet.getByText('Phases')).toBeVisible()
  return { row, sheet }
}

test.describe('on a phone the check is a dialog', () => {
  test.use({ viewport: { width: 390, height: 844 } })

  test.beforeEach(async ({ page }) => {
    await page.goto(address)
    await page.locator('[data-check]').first().waitFor()
  })

  test('the focus moves in, stays, and returns by Escape', async ({ page }) => {
    const { row, sheet } = await openFirst(page)
    await expect(sheet.getByRole('heading', { name: 'Check' })).toBeFocused()
    for (const key of ['Tab', 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab']) {
      await page.keyboard.press(key)
      expect(await focusOutside(page)).toBe(false)
    }
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect(sheet).toBeHidden()
    await expect(row).toBeFocused()
  })

  test('Back closes it, and so does its button', async ({ page }) => {
    const { row, sheet } = await openFirst(page)
    await page.goBack()
    await expect(sheet).toBeHidden()
    await expect(row).toBeFocused()
    await openFirst(page)
    await sheet.getByRole('button', { name: 'Close' }).click()
    await expect(sheet).toBeHidden()
    await expect(row).toBeFocused()
  })

  test('the keys list over it closes alone', async ({ page }) => {
    const { sheet } = await openFirst(page)
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await expect(keys).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(keys).toBeHidden()
    await expect(sheet).toBeVisible()
  })
})

test('beside a wide page the check is no dialog, and the log stays at hand', async ({ page }) => {
  await page.goto(address)
  await page.locator('[data-check]').first().click()
  await expect(page.getByRole('region', { name: 'Check', exact: true })).toBeVisible()
  await page.locator('[data-check]').nth(2).click()
  await expect(page.locator('[data-check]').nth(2)).toHaveAttribute('aria-current', 'true')
})

// Whether something of the page behind the dialog has the focus.
function focusOutside(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const focused = document.activeElement
    return focused !== document.body && focused?.closest('dialog') === null
  })
}
