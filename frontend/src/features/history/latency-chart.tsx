import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useChartColors } from './chart-colors'
import { type ChartParts, chartOptions } from './chart-options'

const height = 260

type LatencyChartProps = Omit<ChartParts, 'colors'>

/** The percentiles over time. It comes in a file of its own, when it is first wanted. */
export default function LatencyChart({ content, incidents, threshold, ...acts }: LatencyChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const latest = useRef(acts)
  useEffect(() => {
    latest.current = acts
  })
  const colors = useChartColors()
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const parts: ChartParts = {
      content,
      incidents,
      threshold,
      colors,
      onZoom: span => latest.current.onZoom(span),
      onUnzoom: () => latest.current.onUnzoom(),
      onPlace: place => latest.current.onPlace(place),
    }
    const { times, p50, p95, p99 } = content
    const chart = new uPlot(chartOptions(parts, element.clientWidth, height), [times, p50, p95, p99], element)
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [content, incidents, threshold, colors])
  return <div ref={frame} className="h-[260px] w-full overflow-hidden" />
}
