import { expect } from '@playwright/test'
import { sidewaysScroll, test, violations } from './fixtures'

const at = (line: number) => ({ file: 'monitor.yaml', line, column: 5 })

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('refused definitions are told of where endpoints are, until they are mended', async ({
      page,
      monitor,
    }, info) => {
      await page.goto('/')
      await expect(page.getByText('Live', { exact: true })).toBeVisible()
      monitor.refused = { source: 'monitor.yaml', faults: 2, places: [at(12), at(31)] }
      monitor.send('catalog', { revision: 2 })
      const banner = page.getByRole('region', { name: 'Definitions' })
      await expect(banner).toContainText('monitor.yaml has 2 faults; the earlier definitions stay in force.')
      await expect(banner).toContainText('In lines 12, 31.')
      await page.screenshot({ path: info.outputPath(`refused-${scheme}.png`) })
      expect(await violations(page)).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      expect(await sidewaysScroll(page)).toBe(0)
      monitor.refused = undefined
      monitor.send('catalog', { revision: 2 })
      await expect(banner).toBeHidden()
    })
  })
}

test('who is not signed in hears nothing of them', async ({ page, monitor }) => {
  monitor.token = 'right'
  monitor.refused = { source: 'monitor.yaml', faults: 1, places: [at(1)] }
  await page.goto('/')
  await expect(page.getByLabel('Admin token')).toBeVisible()
  await expect(page.getByText('monitor.yaml')).toHaveCount(0)
  await page.getByLabel('Admin token').fill('right')
  await page.keyboard.press('Enter')
  await expect(page.getByText('monitor.yaml has 1 fault;', { exact: false })).toBeVisible()
})
