/** How close together rows stand. */
export type Density = 'compact' | 'normal' | 'roomy'

export const densities: readonly Density[] = ['compact', 'normal', 'roomy']

/** The height of a row on wide screens, in pixels. */
export const rowHeights: Record<Density, number> = { compact: 28, normal: 36, roomy: 44 }

const storageKey = 'density'

/** The density that was chosen in this browser. */
export function chosenDensity(): Density {
  try {
    const stored = localStorage.getItem(storageKey)
    return densities.find(density => density === stored) ?? 'roomy'
  } catch {
    return 'roomy'
  }
}

/** Remembers a density. */
export function rememberDensity(density: Density) {
  try {
    localStorage.setItem(storageKey, density)
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
}
