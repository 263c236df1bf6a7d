import { expect } from '@playwright/test'
import { noticesOf, pastIncidents, told } from './fake-incidents'
import { sidewaysScroll, test, violations } from './fixtures'

test.beforeEach(({ monitor }) => {
  const open = monitor.incidents.map(told)
  const [first] = open
  if (!first) throw new Error('the fleet has no open incident')
  monitor.incidents = [...open, ...pastIncidents(120, first)]
  monitor.notices = noticesOf(first)
})

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    test('the list and a page break no accessibility rule, on a phone neither', async ({ page }, info) => {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 })
        await page.goto('/incidents')
        await page.getByRole('link', { name: 'past-3', exact: true }).waitFor()
        await page.screenshot({ path: info.outputPath(`list-${width}-${scheme}.png`) })
        expect(await violations(page)).toEqual([])
        await page.getByRole('link', { name: 'shipping-5' }).click()
        await page.getByText('shop/oncall').waitFor()
        await page.screenshot({ path: info.outputPath(`page-${width}-${scheme}.png`), fullPage: true })
        expect(await violations(page)).toEqual([])
        expect(await sidewaysScroll(page)).toBe(0)
      }
    })
  })
}

test('from the strip to the failing check in two actions', async ({ page }) => {
  await page.goto('/')
  await page
    .getByRole('region', { name: /^Open incidents/ })
    .getByRole('link')
    .first()
    .click()
  await expect(page).toHaveURL(/\/incidents\/incident-shipping-5$/)
  await page.getByRole('list', { name: 'Evidence' }).getByRole('link').first().click()
  await expect(page).toHaveURL(/\/endpoints\/shop\/shipping-5\?check=\d{13}$/)
})

test('older ones come by the page, and filters live in the URL', async ({ page }) => {
  await page.goto('/incidents')
  const over = page.getByRole('list', { name: 'Resolved incidents' }).getByRole('listitem')
  await expect(over).toHaveCount(49)
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(over).toHaveCount(99)
  await page.getByLabel('Started').selectOption('24h')
  await expect(page).toHaveURL(/\?range=24h$/)
  await expect(over).toHaveCount(23)
  await page.getByLabel('Show').selectOption('open')
  await expect(over).toHaveCount(0)
  await page.reload()
  await expect(page.getByLabel('Show')).toHaveValue('open')
})

test('a page follows its incident to the end', async ({ page, monitor }) => {
  const [open] = monitor.incidents
  if (!open) throw new Error('no incident')
  await page.goto(`/incidents/${open.id}`)
  await expect(
    page.getByRole('banner').or(page.locator('article header')).getByText('Open', { exact: true }),
  ).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const ended = told({ ...open, open: false, ended: new Date().toISOString() })
  monitor.incidents[0] = ended
  monitor.send('incident', ended)
  await expect(page.getByText('2 checks in a row passed')).toBeVisible()
  await expect(page.locator('article header').getByText('Resolved')).toBeVisible()
})

test('whatever a name and a reason hold, it is text', async ({ page, monitor }, info) => {
  const [open] = monitor.incidents
  if (!open) throw new Error('no incident')
  const reason = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`
  const names = ['x'.repeat(200), 'خدمة الدفع \u202eevil', '🛒🔥 checkout', '<b onclick=alert(1)>bold</b>']
  monitor.incidents = names.map((name, at) => told({ ...open, id: `i${at}`, name, reason }))
  for (const [at, name] of names.entries()) {
    Object.assign(monitor.endpoints[at] ?? {}, { name, reason, health: 'down' })
  }
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    for (const path of ['/', '/incidents', '/incidents/i0', '/incidents/i1']) {
      await page.goto(path)
      await expect(page.getByText('onerror=').first()).toBeVisible()
      await page.screenshot({ path: info.outputPath(`odd-${width}${path.replaceAll('/', '-')}.png`) })
      expect(await sidewaysScroll(page)).toBe(0)
      expect(await page.title()).not.toBe('run')
      expect(await page.locator('main img, main script, main b').count()).toBe(0)
    }
  }
})

test('none yet, none such, and a fault each say so', async ({ page, monitor }, info) => {
  monitor.incidents = []
  await page.goto('/incidents')
  await expect(page.getByText('No incident has ended yet')).toBeVisible()
  await page.screenshot({ path: info.outputPath('none.png') })
  expect(await violations(page)).toEqual([])
  await page.goto('/incidents/nothing')
  await expect(page.getByRole('heading', { name: 'There is no such incident' })).toBeVisible()
  monitor.fault = { status: 403, detail: 'Your role may not see this namespace.' }
  await page.goto('/incidents')
  await expect(page.getByRole('heading', { name: 'This is not allowed' })).toBeVisible()
  await expect(page.getByText('Your role may not see this namespace.')).toBeVisible()
  expect(await violations(page)).toEqual([])
})
