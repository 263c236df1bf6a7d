import type { Letter } from '@/lib/bar'

/** The bar's own units: one bucket takes pitch of them, and the bar is height of them tall. */
export const pitch = 4
export const height = 20

// As in the bar of checks: the worse, the taller; a failure has a notch, no data is a stub.
const shapes: Record<Letter, string> = {
  p: 'v-9h3v9z',
  d: 'v-14h3v14z',
  f: 'v-8h3v8zm0-12v-8h3v8z',
  u: 'v-3h3v3z',
}

/** The path of each outcome in a bar of buckets, oldest first. A bucket without checks stays empty. */
export function bucketPaths(worst: readonly (Letter | undefined)[]): Partial<Record<Letter, string>> {
  const paths: Partial<Record<Letter, string>> = {}
  worst.forEach((letter, place) => {
    if (letter) paths[letter] = `${paths[letter] ?? ''}M${place * pitch + 0.5} ${height}${shapes[letter]}`
  })
  return paths
}
