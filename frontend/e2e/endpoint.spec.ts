import { expect } from '@playwright/test'
import { test } from './fixtures'

const page1 = '/endpoints/platform/cart-1'

test('a row of the overview leads to its endpoint without a reload, and Back to the overview', async ({
  page,
  monitor,
}) => {
  monitor.token = 'right'
  await page.goto('/')
  await page.getByLabel('Admin token').fill('right')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'cart-1', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'cart-1' })).toBeVisible()
  await expect(page).toHaveURL(/\/endpoints\/platform\/cart-1$/)
  await page.goBack()
  await expect(page.getByRole('table', { name: 'Endpoints' })).toBeVisible()
})

test('the page shows what the endpoint is, its figures, its chart and its checks', async ({ page }) => {
  await page.goto(page1)
  await expect(page.getByText('https://cart-1.example/health')).toBeVisible()
  await expect(page.getByText('3 unknown ones left out')).toBeVisible()
  await expect(page.locator('canvas')).toBeVisible()
  await expect(page.getByText('one point is 1 min')).toBeVisible()
  await expect(page.getByText('threshold 200ms')).toBeVisible()
  await expect(page.getByRole('table', { name: 'Latency over time' })).toBeAttached()
  await expect(page.locator('[data-check]')).toHaveCount(50)
})

test('from a failed bucket to the failing check in two actions', async ({ page, monitor }) => {
  await page.goto(page1)
  const bar = page.getByRole('slider', { name: 'History' })
  const box = (await bar.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const at = await page.evaluate(
    () => document.querySelector('[role=slider] .fill-down')?.getBoundingClientRect().x,
  )
  await page.mouse.click((at ?? 0) + 3, box.y + box.height / 2)
  await expect(page).toHaveURL(/from=.*outcome=failed/)
  await page.locator('[data-check]').first().click()
  const sheet = page.getByRole('region', { name: 'Check', exact: true })
  await expect(sheet.getByText('status must be 200-299, got 500')).toBeVisible()
  await expect(sheet.getByText('✕ missed')).toHaveCount(2)
  await expect(page).toHaveURL(/check=\d+/)
  expect(await page.title()).not.toBe('run')
  expect(monitor.history.outage.from).toBeGreaterThan(0)
})

test('a link to a check opens it, with its phases and expectations', async ({ page, monitor }) => {
  await page.goto(`${page1}?check=${monitor.history.outage.from}`)
  const sheet = page.getByRole('region', { name: 'Check', exact: true })
  await expect(sheet.getByText('<script>document.title="run"</script>')).toBeVisible()
  await expect(sheet.getByText('29 ms')).toBeVisible()
  await expect(sheet.getByText('scheduled')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  await expect(page).not.toHaveURL(/check=/)
})

test('the check log works by keys alone', async ({ page }) => {
  await page.goto(page1)
  const rows = page.locator('[data-check]')
  await rows.first().waitFor()
  await page.keyboard.press('j')
  await expect(rows.nth(0)).toBeFocused()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('region', { name: 'Check', exact: true })
  await expect(sheet).toBeVisible()
  const second = page.url()
  await page.keyboard.press('j')
  await expect(rows.nth(2)).toBeFocused()
  await expect(page).not.toHaveURL(second)
  await page.keyboard.press('k')
  await expect(page).toHaveURL(second)
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  await expect(rows.nth(1)).toBeFocused()
})

test('the history bar works by keys alone', async ({ page }) => {
  await page.goto(page1)
  const bar = page.getByRole('slider', { name: 'History' })
  await bar.focus()
  const last = await bar.getAttribute('aria-valuetext')
  await page.keyboard.press('ArrowLeft')
  await expect(bar).not.toHaveAttribute('aria-valuetext', last ?? '')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/from=/)
})

test('dragging over the chart zooms, double click and Back undo it', async ({ page }) => {
  await page.goto(`${page1}?range=6h`)
  const plot = page.locator('.u-over')
  const zoom = async () => {
    const box = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    await page.mouse.move(box.x + box.width * 0.8, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.9, box.y + 90, { steps: 4 })
    await page.mouse.up()
    await expect(page).toHaveURL(/from=.*to=/)
  }
  await zoom()
  await page.goBack()
  await expect(page).toHaveURL(/\?range=6h$/)
  await zoom()
  await plot.dblclick()
  await expect(page).toHaveURL(/\?range=6h$/)
})

test('older checks come on demand, and the outcome lives in the URL', async ({ page }) => {
  await page.goto(page1)
  const rows = page.locator('[data-check]')
  await rows.first().waitFor()
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(rows).toHaveCount(100)
  await page.getByLabel('Outcome').selectOption('failed')
  await expect(rows).toHaveCount(12)
  await page.reload()
  await expect(page.getByLabel('Outcome')).toHaveValue('failed')
  await expect(rows).toHaveCount(12)
})

test('a range can be chosen by two moments', async ({ page }) => {
  await page.goto(page1)
  await page.getByRole('button', { name: 'From – to' }).click()
  await page.getByLabel('From', { exact: true }).fill('2026-01-02T10:00:00')
  await page.getByLabel('To', { exact: true }).fill('2026-01-02T09:00:00')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page.getByText('The end must be later')).toBeVisible()
  await page.getByLabel('To', { exact: true }).fill('2026-01-02T11:00:00')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(page).toHaveURL(/from=2026-01-02T10%3A00%3A00Z&to=2026-01-02T11%3A00%3A00Z$/)
  await expect(page.getByText('No check was made in this range.')).toBeVisible()
})

test('a new result joins the log without a reload', async ({ page, monitor }) => {
  await page.goto(page1)
  const rows = page.locator('[data-check]')
  await rows.first().waitFor()
  await expect.poll(() => monitor.streamRequests.at(-1)?.ids).toEqual(['platform/cart-1'])
  const due = new Date().toISOString()
  const last = { due, outcome: 'failed' as const, duration_us: 3_000, reason: 'seen live' }
  monitor.history.added.unshift({ ...last, location: 'local', kind: 'scheduled' })
  monitor.change({ key: 'platform/cart-1', health: 'down', reason: 'two in a row', last, letter: 'f' })
  await expect(page.getByTitle('seen live')).toBeVisible()
  await expect(page.getByText('two in a row')).toBeVisible()
  await expect(rows.first()).toHaveAttribute('data-check', String(Date.parse(due)))
})
