import { expect } from '@playwright/test'
import { sidewaysScroll, test, violations } from './fixtures'
import { fleet, incidentOf } from './fleet'

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('the overview breaks no accessibility rule', async ({ page }, info) => {
      await page.goto('/')
      await page.getByRole('row').nth(10).waitFor()
      await page.screenshot({ path: info.outputPath(`overview-${scheme}.png`) })
      expect(await violations(page)).toEqual([])
    })

    test('a phone shows it without sideways scroll', async ({ page }, info) => {
      await page.setViewportSize({ width: 390, height: 844 })
      await page.goto('/')
      await page.getByRole('row').nth(3).waitFor()
      await page.screenshot({ path: info.outputPath(`phone-${scheme}.png`) })
      expect(await sidewaysScroll(page)).toBe(0)
      expect(await violations(page)).toEqual([])
    })
  })
}

test('loading', async ({ page, monitor }, info) => {
  monitor.silent = true
  await page.goto('/')
  await expect(page.getByText('Loading endpoints')).toBeAttached()
  await page.screenshot({ path: info.outputPath('loading.png') })
  expect(await violations(page)).toEqual([])
})

test('no endpoints: how to add one', async ({ page, monitor }, info) => {
  monitor.endpoints = []
  monitor.incidents = []
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'No endpoints yet' })).toBeVisible()
  await page.screenshot({ path: info.outputPath('empty.png') })
  expect(await violations(page)).toEqual([])
})

test('nothing matches: the filters can be cleared', async ({ page }, info) => {
  await page.goto('/?q=nothing-is-called-so')
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible()
  await page.screenshot({ path: info.outputPath('no-match.png') })
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
})

test('a fault: the server says what it is, and trying again helps', async ({ page, monitor }, info) => {
  monitor.listFault = 'the store does not answer: try again in a moment'
  await page.goto('/')
  await expect(page.getByText('the store does not answer: try again in a moment')).toBeVisible()
  await page.screenshot({ path: info.outputPath('error.png') })
  expect(await violations(page)).toEqual([])
  monitor.listFault = undefined
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
})

test('a fault later: what was known stays', async ({ page, monitor }, info) => {
  await page.goto('/')
  await page.getByRole('row').nth(1).waitFor()
  monitor.listFault = 'the store does not answer'
  monitor.send('resync', {})
  await expect(page.getByText('the store does not answer')).toBeVisible()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await page.screenshot({ path: info.outputPath('stale.png') })
})

test('10,000 endpoints: few rows exist, and the last one can be reached', async ({ page, monitor }, info) => {
  monitor.endpoints = fleet(10_000)
  monitor.incidents = monitor.endpoints.filter(endpoint => endpoint.health === 'down').map(incidentOf)
  await page.goto('/')
  await expect(page.getByRole('button', { name: /^All/ })).toContainText('10,000')
  await page.screenshot({ path: info.outputPath('many.png') })
  expect(await page.getByRole('row').count()).toBeLessThan(60)
  await page.keyboard.press('End')
  await expect(page.locator('[aria-rowindex="10001"]')).toBeVisible()
})
