import { test as base, expect, type Page } from '@playwright/test'
import axe from 'axe-core'
import { FakeMonitor } from './fake-monitor'
import { fleet, incidentOf } from './fleet'

interface Fixtures {
  /** A monitor with 30 endpoints, one of them down. */
  monitor: FakeMonitor
  /** Fails a test in whose page a script failed or the policy refused content. */
  noFaults: undefined
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the first parameter must be a pattern
  monitor: async ({}, use) => {
    const monitor = new FakeMonitor()
    monitor.endpoints = fleet(30)
    monitor.incidents = monitor.endpoints.filter(endpoint => endpoint.health === 'down').map(incidentOf)
    await use(monitor)
    await monitor.stop()
  },
  baseURL: async ({ monitor }, use) => use(await monitor.start()),
  noFaults: [
    async ({ page }, use) => {
      const faults: string[] = []
      page.on('pageerror', error => faults.push(error.message))
      page.on('console', message => {
        if (message.text().includes('Content Security Policy')) faults.push(message.text())
      })
      await use(undefined)
      expect(faults).toEqual([])
    },
    { auto: true },
  ],
})

/** The accessibility rules that the page breaks, each with the elements that break it. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const results = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run())
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`)
}

/** How far the page can be scrolled sideways, in pixels. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
