/** How many checks a bar shows. */
export const barCells = 60

const pitch = 4
const width = 3

/** The bar's own coordinates: the whole drawing is barWidth × barHeight units. */
export const barWidth = barCells * pitch - (pitch - width)
export const barHeight = 20

/** One letter of a bar: passed, degraded, failed, unknown. */
export type Letter = 'p' | 'd' | 'f' | 'u'

/** All letters, in the order in which a bar's summary names them. */
export const letters: readonly Letter[] = ['f', 'd', 'u', 'p']

const words: Record<Letter, string> = { p: 'passed', d: 'degraded', f: 'failed', u: 'unknown' }

// The height tells the outcome without colour: the worse, the taller. A failure
// also has a notch in its middle, and no data is a stub.
const shapes: Record<Letter, string> = {
  p: 'v-9h3v9z',
  d: 'v-14h3v14z',
  f: 'v-8h3v8zm0-12v-8h3v8z',
  u: 'v-3h3v3z',
}

/**
 * The path of each outcome in a bar of checks, oldest first. The newest check
 * ends at the right edge; cells without a check stay empty.
 */
export function barPaths(recent: string): Partial<Record<Letter, string>> {
  const shown = recent.slice(-barCells)
  const offset = barCells - shown.length
  const paths: Partial<Record<Letter, string>> = {}
  for (let i = 0; i < shown.length; i++) {
    const letter = shown[i] as Letter
    const shape = shapes[letter]
    if (shape) paths[letter] = `${paths[letter] ?? ''}M${(offset + i) * pitch} ${barHeight}${shape}`
  }
  return paths
}

/** The bar in words, for example "last 60 checks: 2 failed, 58 passed". */
export function barSummary(recent: string): string {
  const shown = recent.slice(-barCells)
  if (shown === '') return 'no checks yet'
  const parts: string[] = []
  for (const letter of letters) {
    const count = shown.split(letter).length - 1
    if (count > 0) parts.push(`${count} ${words[letter]}`)
  }
  return `last ${shown.length} checks: ${parts.join(', ')}`
}
