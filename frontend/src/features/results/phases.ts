import type { Result } from '@/api/types'

/** A part of a check's time. */
export interface Phase {
  name: string
  /** In microseconds. */
  us: number
}

/** The parts of a check that took time, in their order; what none of them explains comes last. */
export function phasesOf(result: Result): Phase[] {
  const measured = [
    { name: 'DNS', us: result.dns_us ?? 0 },
    { name: 'Connect', us: result.connect_us ?? 0 },
    { name: 'TLS', us: result.tls_us ?? 0 },
    { name: 'First byte', us: result.first_byte_us ?? 0 },
    { name: 'Transfer', us: result.transfer_us ?? 0 },
  ].filter(phase => phase.us > 0)
  const rest = result.duration_us - measured.reduce((sum, phase) => sum + phase.us, 0)
  return rest > 0 && measured.length > 0 ? [...measured, { name: 'Other', us: rest }] : measured
}
