import { expect } from '@playwright/test'
import { test, violations } from './fixtures'

test('the admin token opens the page that was asked for', async ({ page, monitor }, info) => {
  monitor.token = 'right'
  await page.goto('/?health=down')
  const field = page.getByLabel('Admin token')
  await field.fill('wrong')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('missing or wrong')
  await page.screenshot({ path: info.outputPath('sign-in.png') })
  expect(await violations(page)).toEqual([])
  await field.fill('right')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('row')).toHaveCount(2)
  await expect(page).toHaveURL(/\?health=down$/)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
})

test('the token is kept nowhere but in the page', async ({ page, monitor }) => {
  monitor.token = 'right'
  await page.goto('/')
  await page.getByLabel('Admin token').fill('right')
  await page.keyboard.press('Enter')
  await page.getByRole('row').nth(1).waitFor()
  expect(
    await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie])),
  ).not.toContain('right')
  await page.reload()
  await expect(page.getByLabel('Admin token')).toBeVisible()
})
