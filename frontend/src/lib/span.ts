const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 0.001, us: 0.001 }

/** A span as definitions write it ("500ms", "1m30s"), in milliseconds; undefined if it is none. */
export function parseSpan(text: string | undefined): number | undefined {
  if (text === undefined || !/^([\d.]+(ms|µs|us|h|m|s))+$/.test(text)) return undefined
  let sum = 0
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|µs|us|h|m|s)/g)) {
    sum += Number(number) * (units[unit ?? ''] ?? Number.NaN)
  }
  return Number.isFinite(sum) ? sum : undefined
}
