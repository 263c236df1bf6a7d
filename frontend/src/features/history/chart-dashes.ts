/** Percentiles differ by their dashes as well as by their blue. */
export const dashes = { p50: [], p95: [8, 4], p99: [2, 4] } as const
