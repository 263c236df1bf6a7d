import { expect } from '@playwright/test'
import { test, violations } from './fixtures'

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('single letters can be switched off, for good', async ({ page }, info) => {
      await page.goto('/')
      await page.getByRole('row').nth(1).waitFor()
      await page.keyboard.press('?')
      const dialog = page.getByRole('dialog', { name: 'Keys' })
      await page.screenshot({ path: info.outputPath(`keys-on-${scheme}.png`) })
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('switch', { name: 'Single letters and signs' }).uncheck()
      await page.screenshot({ path: info.outputPath(`keys-off-${scheme}.png`) })
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.reload()
      await page.getByRole('row').nth(1).waitFor()
      await expect(page.getByPlaceholder('Search endpoints', { exact: true })).toBeVisible()
      for (const key of ['?', 'j', '/', 'g', 'i']) await page.keyboard.press(key)
      await expect(dialog).toBeHidden()
      await expect(page).toHaveURL(/\/$/)
      await expect(page.locator('[data-key] a:focus')).toHaveCount(0)
      await expect(page.getByRole('searchbox')).not.toBeFocused()
      await page.getByRole('button', { name: 'Keys' }).click()
      await dialog.getByRole('switch').check()
      await page.keyboard.press('Escape')
      await page.keyboard.press('/')
      await expect(page.getByRole('searchbox')).toBeFocused()
    })
  })
}
