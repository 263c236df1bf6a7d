import { expect } from '@playwright/test'
import { noticesOf, told } from './fake-incidents'
import { test, violations } from './fixtures'

test.beforeEach(async ({ page, monitor }) => {
  await page.clock.install()
  monitor.incidents = monitor.incidents.map(told)
})

test('nobody, on its way, told and given up are four things, and each says one', async ({
  page,
  monitor,
}, info) => {
  const [incident] = monitor.incidents
  if (!incident) throw new Error('the fleet has no open incident')
  const ledger = page.getByRole('region', { name: /^From the first failure/ })
  const who = page.getByRole('region', { name: 'Who was told' })
  await page.goto(`/incidents/${incident.id}`)
  await expect(who).toContainText('Nobody is told of this incident')
  await expect(ledger.getByText('No channel')).toHaveCount(2)
  await expect(ledger.getByText('Not yet')).toHaveCount(0)
  await page.screenshot({ path: info.outputPath('nobody.png') })

  monitor.channels = ['shop/oncall']
  await page.reload()
  await expect(who).toContainText('Word of it is on its way to shop/oncall.')
  await expect(ledger.getByText('Not yet')).toHaveCount(2)
  await page.screenshot({ path: info.outputPath('coming.png') })
  expect(await violations(page)).toEqual([])

  monitor.notices = noticesOf(incident).slice(0, 1)
  await expect(async () => {
    await page.clock.runFor(3_000)
    await expect(who).toContainText('receipt')
    await expect(ledger.getByText(/Not yet|No channel|Never/)).toHaveCount(0)
  }).toPass({ timeout: 60_000 })
  await expect(who).not.toContainText('on its way')

  const gone = { attempts: 9, error: 'HTTP 503', given_up: new Date().toISOString() }
  monitor.notices = noticesOf(incident)
    .slice(1)
    .map(({ next_try: _, ...notice }) => ({ ...notice, ...gone }))
  await page.reload()
  await expect(who).toContainText('given up')
  await expect(ledger.getByText('Never')).toHaveCount(1)
  await page.screenshot({ path: info.outputPath('given-up.png') })
})
