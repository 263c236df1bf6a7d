import type { Figures } from '@/api/types'

/** The share as a percentage, cut and never rounded up: a failure never reads as 100 %. */
export function formatUptime(uptime: number | undefined): string {
  if (uptime === undefined) return 'no data'
  const thousandths = Math.floor(uptime * 100_000 + 1e-6)
  const cut = uptime < 1 ? Math.min(thousandths, 99_999) : thousandths
  return `${(cut / 1_000).toFixed(3).replace(/\.?0+$/, '')} %`
}

/** How many checks the figures are about, those without a conclusion left out. */
export function conclusive({ passed, degraded, failed }: Figures): number {
  return passed + degraded + failed
}

/** How the uptime came about, in words. */
export function uptimeFormula(figures: Figures): string {
  const { passed, degraded, failed, unknown, spared = 0 } = figures
  const good =
    degraded > 0 ? `${count(passed)} passed + ${count(degraded)} degraded` : `${count(passed)} passed`
  const made = `${good} of ${count(passed + degraded + failed)} checks`
  const formula = spared > 0 ? `${made}; ${count(spared)} spared while down count as failed` : made
  if (unknown === 0) return formula
  return `${formula}; ${count(unknown)} unknown ${unknown === 1 ? 'one' : 'ones'} left out`
}

function count(number: number): string {
  return number.toLocaleString()
}
