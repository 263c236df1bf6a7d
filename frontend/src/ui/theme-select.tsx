import { useState } from 'react'
import { chooseTheme, chosenTheme, type Theme, themes } from '@/lib/theme'

/** Chooses light, dark, or what the system says. */
export function ThemeSelect() {
  const [theme, setTheme] = useState(chosenTheme)
  const change = (next: Theme) => {
    chooseTheme(next)
    setTheme(next)
  }
  return (
    <select
      aria-label="Theme"
      value={theme}
      onChange={event => change(event.target.value as Theme)}
      className="h-8 rounded-md border border-line bg-surface px-1 text-xs"
    >
      {themes.map(name => (
        <option key={name} value={name}>
          {name[0]?.toUpperCase() + name.slice(1)}
        </option>
      ))}
    </select>
  )
}
