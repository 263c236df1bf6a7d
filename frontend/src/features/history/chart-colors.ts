import { useEffect, useState } from 'react'
import type { ChartColors } from './chart-options'

const classes: Record<keyof ChartColors, string> = {
  p50: 'text-p50',
  p95: 'text-p95',
  p99: 'text-p99',
  down: 'text-down',
  ink: 'text-ink',
  line: 'text-line',
  muted: 'text-muted',
}

// A canvas takes no variables, so the colours are read from an element that wears them.
function readColors(): ChartColors {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colors = {} as ChartColors
  for (const [name, look] of Object.entries(classes)) {
    probe.className = look
    colors[name as keyof ChartColors] = getComputedStyle(probe).color
  }
  probe.remove()
  return colors
}

/** The chart's colours, followed as the theme changes. */
export function useChartColors(): ChartColors {
  const [colors, setColors] = useState(readColors)
  useEffect(() => {
    const read = () => setColors(readColors())
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = window.matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', read)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', read)
    }
  }, [])
  return colors
}
