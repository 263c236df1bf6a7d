import type uPlot from 'uplot'
import type { ChartContent } from './chart-content'
import { dashes } from './chart-dashes'
import type { Span } from './range'

/** The colours of a chart, as the theme has them now. */
export type ChartColors = Record<'p50' | 'p95' | 'p99' | 'down' | 'ink' | 'line' | 'muted', string>

/** What a chart is made of beside its columns. */
export interface ChartParts {
  content: ChartContent
  incidents: readonly Span[]
  /** In milliseconds; undefined leaves the line out. */
  threshold: number | undefined
  colors: ChartColors
  onZoom(span: Span): void
  onUnzoom(): void
  /** The cell under the pointer. */
  onPlace(place: number | null): void
}

const fewestPixels = 6

/** The options of the latency chart for uPlot. */
export function chartOptions(parts: ChartParts, width: number, height: number): uPlot.Options {
  const { content, colors, threshold } = parts
  const line = (name: keyof typeof dashes): uPlot.Series => ({
    label: name,
    stroke: colors[name],
    width: 1.75,
    dash: [...dashes[name]],
    spanGaps: false,
    points: { show: true, filter: (_, series) => isolated(content, series), size: 5, fill: colors[name] },
  })
  const highest = Math.max(1, ...content.p99.map(value => value ?? 0), threshold ?? 0)
  return {
    width,
    height,
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: fewestPixels },
      bind: { dblclick: () => parts.onUnzoom as () => null },
    },
    scales: { x: { time: true, range: () => timeEnds(content) }, y: { range: [0, highest * 1.1] } },
    axes: [
      { ...axis(colors), size: 30, values: (_, ticks, __, ___, step) => ticks.map(formatMoments(step)) },
      { ...axis(colors), size: 64, values: (_, ticks) => ticks.map(formatTick) },
    ],
    series: [{}, line('p50'), line('p95'), line('p99')],
    hooks: {
      drawClear: [chart => shadeIncidents(chart, parts)],
      draw: [chart => drawMarks(chart, parts)],
      setSelect: [chart => select(chart, parts)],
      setCursor: [chart => parts.onPlace(chart.cursor.idx ?? null)],
    },
  }
}

// A value between two gaps makes no line: it shows as a point.
function isolated(content: ChartContent, series: number): number[] {
  const values = [content.p50, content.p95, content.p99][series - 1] ?? []
  const isGap = (place: number) => (values[place] ?? null) === null
  return values.flatMap((_, place) => (!isGap(place) && isGap(place - 1) && isGap(place + 1) ? [place] : []))
}

function timeEnds({ times }: ChartContent): uPlot.Range.MinMax {
  const [first = 0, second = first + 60] = times
  const half = (second - first) / 2
  return [first - half, (times.at(-1) ?? first) + half]
}

function axis(colors: ChartColors): uPlot.Axis {
  return {
    stroke: colors.muted,
    font: '12px system-ui, sans-serif',
    grid: { stroke: colors.line, width: 1 },
    ticks: { stroke: colors.line, width: 1 },
  }
}

// Ticks a day or more apart name the day, closer ones the time.
function formatMoments(step: number): (seconds: number) => string {
  const format = new Intl.DateTimeFormat(
    undefined,
    step >= 86_400
      ? { day: 'numeric', month: 'short' }
      : { hour: '2-digit', minute: '2-digit', ...(step < 60 && { second: '2-digit' }) },
  )
  return seconds => format.format(seconds * 1_000)
}

function formatTick(value: number): string {
  return value >= 1_000 ? `${value / 1_000} s` : `${value} ms`
}

function select(chart: uPlot, { onZoom }: ChartParts) {
  const { left, width } = chart.select
  if (width < fewestPixels) return
  onZoom({ from: chart.posToVal(left, 'x') * 1_000, to: chart.posToVal(left + width, 'x') * 1_000 })
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

function shadeIncidents(chart: uPlot, { incidents, colors }: ChartParts) {
  const { ctx, bbox } = chart
  ctx.save()
  for (const { from, to } of incidents) {
    const [left, right] = edges(chart, { from, to })
    ctx.fillStyle = colors.down
    ctx.globalAlpha = 0.12
    ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height)
    ctx.globalAlpha = 1
    triangle(ctx, left, bbox.top, 6 * devicePixelRatio)
  }
  ctx.restore()
}

function edges(chart: uPlot, { from, to }: Span): [number, number] {
  const { left, width } = chart.bbox
  const clamp = (x: number) => Math.max(left, Math.min(left + width, x))
  return [clamp(chart.valToPos(from / 1_000, 'x', true)), clamp(chart.valToPos(to / 1_000, 'x', true))]
}

function triangle(ctx: CanvasRenderingContext2D, x: number, y: number, size: number) {
  ctx.beginPath()
  ctx.moveTo(x - size, y)
  ctx.lineTo(x + size, y)
  ctx.lineTo(x, y + 1.5 * size)
  ctx.fill()
}

function drawMarks(chart: uPlot, { content, threshold, colors }: ChartParts) {
  const { ctx, bbox } = chart
  const scale = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = colors.ink
  ctx.fillStyle = colors.ink
  if (threshold !== undefined) {
    const y = chart.valToPos(threshold, 'y', true)
    ctx.lineWidth = scale
    ctx.setLineDash([12 * scale, 3 * scale])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
  }
  ctx.fillStyle = colors.down
  const side = 7 * scale
  content.failed.forEach((count, place) => {
    if (count === 0) return
    const x = chart.valToPos(content.times[place] ?? 0, 'x', true)
    ctx.fillRect(x - side / 2, bbox.top + bbox.height - side, side, side)
  })
  ctx.restore()
}
