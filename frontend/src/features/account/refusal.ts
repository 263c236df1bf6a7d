import type { Refused } from '@/api/types'

/** What is the matter with definitions that were refused. */
export function refusal({ source, faults }: Refused): string {
  const rest = 'the earlier definitions stay in force.'
  if (faults === 0) return `${source} could not be taken up; ${rest}`
  return `${source} has ${faults === 1 ? '1 fault' : `${faults.toLocaleString()} faults`}; ${rest}`
}

/** Where the faults are: by line, and by file where there are several or another than the source; empty if unknown. */
export function placesOf({ source, faults, places }: Refused): string {
  if (places.length === 0) return ''
  const files = new Set(places.map(place => place.file))
  const parts = [...files].map(file => {
    const lines = [...new Set(places.filter(place => place.file === file).map(place => place.line))]
    return file === source ? inLines(lines) : `${file} ${inLines(lines)}`
  })
  return `In ${parts.join('; ')}${faults > places.length ? ' and further on' : ''}.`
}

function inLines(lines: readonly number[]): string {
  const known = lines.filter(line => line > 0)
  if (known.length === 0) return '(as a whole)'
  return `line${known.length === 1 ? '' : 's'} ${known.join(', ')}`
}
