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

test('a token that is refused in mid-session is asked for again, and the page goes on', async ({
  page,
  monitor,
}) => {
  monitor.token = 'right'
  await page.goto('/incidents?show=open')
  await page.getByLabel('Admin token').fill('right')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Open incidents' })).toBeVisible()
  monitor.token = 'renewed'
  monitor.breakStreams()
  await expect(page.getByText('The monitor no longer accepts the token.', { exact: false })).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Admin token').fill('renewed')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('list', { name: 'Open incidents' })).toBeVisible()
  await expect(page).toHaveURL(/\/incidents\?show=open$/)
})

test('a fault, silence and an absent monitor each have their words', async ({ page, monitor }, info) => {
  monitor.token = 'right'
  await page.goto('/')
  const field = page.getByLabel('Admin token')
  await field.fill('right')
  monitor.fault = { status: 500, detail: 'The store is broken.' }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toHaveText('The store is broken.')
  monitor.fault = { status: 403, detail: 'This process answers only to localhost.' }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toHaveText('This process answers only to localhost.')
  monitor.fault = undefined
  await page.route('**/api/v1/me', () => {})
  await page.keyboard.press('Enter')
  await expect(page.getByText('The monitor is slow to answer.', { exact: false })).toBeVisible()
  await page.screenshot({ path: info.outputPath('slow.png') })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.reload()
  await expect(field).toBeVisible()
  await page.route('**/api/v1/me', route => route.abort())
  await field.fill('right')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('The monitor does not answer.')
})
