import { expect } from '@playwright/test'
import { FakeHistory } from './fake-history'
import { sidewaysScroll, test, violations } from './fixtures'

const address = '/endpoints/shop/shipping-5'

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('the endpoint page breaks no accessibility rule', async ({ page, monitor }, info) => {
      const [incident] = monitor.incidents
      if (incident) incident.started = new Date(monitor.history.outage.from).toISOString()
      await page.goto(address)
      await page.locator('canvas').waitFor()
      await page.locator('[data-check]').first().waitFor()
      await page.screenshot({ path: info.outputPath(`endpoint-${scheme}.png`), fullPage: true })
      expect(await violations(page)).toEqual([])
    })

    test('nor does an open check', async ({ page, monitor }, info) => {
      await page.goto(`${address}?check=${monitor.history.outage.from}`)
      await page.getByText('Expectations').waitFor()
      await page.screenshot({ path: info.outputPath(`check-${scheme}.png`) })
      expect(await violations(page)).toEqual([])
    })

    test('a phone shows it without sideways scroll', async ({ page }, info) => {
      await page.setViewportSize({ width: 390, height: 844 })
      await page.goto(address)
      await page.locator('[data-check]').first().waitFor()
      await page.locator('canvas').waitFor()
      await page.screenshot({ path: info.outputPath(`endpoint-phone-${scheme}.png`), fullPage: true })
      expect(await sidewaysScroll(page)).toBe(0)
      expect(await violations(page)).toEqual([])
      await page.locator('[data-check]').first().click()
      await page.getByText('Phases').waitFor()
      await page.screenshot({ path: info.outputPath(`check-phone-${scheme}.png`) })
      expect(await sidewaysScroll(page)).toBe(0)
    })
  })
}

test('the chart follows the theme', async ({ page }) => {
  await page.goto(address)
  const picture = () => page.locator('canvas').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL())
  await page.locator('canvas').waitFor()
  const light = await picture()
  await page.getByLabel('Theme').selectOption('dark')
  await expect.poll(picture).not.toBe(light)
})

test('loading', async ({ page, monitor }, info) => {
  monitor.silent = true
  await page.goto(address)
  await expect(page.getByText('Loading the endpoint')).toBeAttached()
  await page.screenshot({ path: info.outputPath('endpoint-loading.png') })
  expect(await violations(page)).toEqual([])
})

test('nothing checked yet: a longer range may help', async ({ page, monitor }, info) => {
  monitor.history = new FakeHistory(Date.now() - 86_400_000 * 2)
  await page.goto(address)
  await expect(page.getByText('No check was made in this range.')).toBeVisible()
  await expect(page.getByText('No checks in this range.')).toBeVisible()
  await page.screenshot({ path: info.outputPath('endpoint-empty.png') })
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Show 90 days' }).click()
  await expect(page.locator('canvas')).toBeVisible()
})

test('a fault: the server says what it is, and trying again helps', async ({ page, monitor }, info) => {
  monitor.historyFault = 'the store does not answer'
  await page.goto(address)
  await expect(page.getByText('History: the store does not answer')).toBeVisible()
  await expect(page.getByText('Checks: the store does not answer')).toBeVisible()
  await page.screenshot({ path: info.outputPath('endpoint-error.png') })
  expect(await violations(page)).toEqual([])
  monitor.historyFault = undefined
  for (const _ of [1, 2]) await page.getByRole('button', { name: 'Try again' }).first().click()
  await expect(page.locator('[data-check]').first()).toBeVisible()
  await expect(page.locator('canvas')).toBeVisible()
})

test('an endpoint that there is not', async ({ page }, info) => {
  await page.goto('/endpoints/shop/nothing')
  await expect(page.getByRole('heading', { name: 'There is no such endpoint' })).toBeVisible()
  await expect(page.getByText('no endpoint shop/nothing is watched')).toBeVisible()
  await page.screenshot({ path: info.outputPath('endpoint-missing.png') })
})

test('names of any script and length stay in their place', async ({ page, monitor }) => {
  const [endpoint] = monitor.endpoints
  if (endpoint)
    Object.assign(endpoint, { name: `🛒 ${'סל'.repeat(90)} <b>x</b>`, url: `https://${'x'.repeat(400)}/` })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`/endpoints/${endpoint?.key}`)
  await page.locator('[data-check]').first().waitFor()
  expect(await sidewaysScroll(page)).toBe(0)
})
