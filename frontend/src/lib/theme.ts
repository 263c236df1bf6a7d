/** A choice of colours; system follows the device. */
export type Theme = 'system' | 'light' | 'dark'

export const themes: readonly Theme[] = ['system', 'light', 'dark']

const storageKey = 'theme'

/** The theme that was chosen in this browser. */
export function chosenTheme(): Theme {
  const stored = readStored()
  return themes.find(theme => theme === stored) ?? 'system'
}

/** Shows a theme and remembers it. */
export function chooseTheme(theme: Theme) {
  showTheme(theme)
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
}

/** Shows a theme. */
export function showTheme(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function readStored(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
