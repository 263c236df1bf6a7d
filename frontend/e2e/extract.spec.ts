import { expect, type Page } from '@playwright/test'
import { hostile } from './fake-history'
import type { FakeMonitor } from './fake-monitor'
import { sidewaysScroll, test, violations } from './fixtures'

const extracts = {
  'a page with scripts': `${hostile}\n<style>body{display:none}</style><h1>Bad gateway</h1>`,
  'no space in 512 signs': 'x'.repeat(509).concat('…'),
  'right to left and emoji': `${'שגיאה בשרת: אין חיבור '.repeat(8)}\n👩‍💻🔥 ${'رسالة خطأ '.repeat(8)}`,
  'many lines': '{"a":1}\n'.repeat(64),
}

/** Opens the sheet of a failed check whose answer was this. */
async function open(page: Page, monitor: FakeMonitor, extract: string) {
  const due = monitor.history.outage.from + 1
  monitor.history.added.splice(0, 1, {
    location: 'local',
    kind: 'scheduled',
    due: new Date(due).toISOString(),
    start: new Date(due).toISOString(),
    outcome: 'failed',
    duration_us: 31_000,
    status: 502,
    bytes: 2_048,
    fault: 'expectation',
    reason: 'answered 502, want 200-299',
    extract,
  })
  await page.goto(`/endpoints/platform/cart-1?check=${due}`)
  return page.getByRole('region', { name: 'What the server said (redacted)' })
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`${scheme} theme`, () => {
    test.use({ colorScheme: scheme })

    for (const [name, extract] of Object.entries(extracts)) {
      test(`${name}: shown as text, and it fits a phone`, async ({ page, monitor }, info) => {
        await page.setViewportSize({ width: 390, height: 844 })
        const shown = await open(page, monitor, extract)
        await expect(shown).toBeVisible()
        expect(await shown.textContent()).toBe(extract)
        await shown.scrollIntoViewIfNeeded()
        await page.screenshot({ path: info.outputPath(`${scheme}.png`) })
        await expect(shown.locator('pre > *')).toHaveCount(0)
        expect(await page.title()).not.toBe('run')
        const [box, inside] = await shown.evaluate(e => [e.clientWidth, e.scrollWidth])
        expect(inside).toBe(box)
        expect((await shown.boundingBox())?.height).toBeLessThanOrEqual(245)
        expect(await sidewaysScroll(page)).toBe(0)
        expect(await violations(page)).toEqual([])
      })
    }
  })
}

test('a long extract scrolls by keys', async ({ page, monitor }) => {
  const shown = await open(page, monitor, extracts['many lines'])
  await shown.focus()
  await page.keyboard.press('End')
  await expect.poll(() => shown.evaluate(e => e.scrollTop)).toBeGreaterThan(100)
})
