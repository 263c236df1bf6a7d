import type { Figures } from '@/api/types'
import { formatMicros } from '@/lib/format'
import { conclusive, formatUptime, uptimeFormula } from './figures'

/** The figures of the range. Before anything is known the tiles are there without them. */
export function FigureTiles({ figures }: { figures: Figures | undefined }) {
  const time = (us: number | undefined) => (us === undefined ? '–' : formatMicros(us))
  const count = (number: number | undefined) => number?.toLocaleString() ?? '–'
  return (
    <dl className="grid grid-cols-6 gap-2 lg:grid-cols-7">
      <Tile
        name="Uptime"
        value={figures ? formatUptime(figures.uptime) : '–'}
        note={figures && conclusive(figures) + figures.unknown > 0 ? uptimeFormula(figures) : ''}
        span="line"
      />
      <Tile name="p50" span="third" value={time(figures?.p50_us)} />
      <Tile name="p95" span="third" value={time(figures?.p95_us)} />
      <Tile name="p99" span="third" value={time(figures?.p99_us)} />
      <Tile name="Failures" span="half" value={count(figures?.failed)} />
      <Tile name="Late checks" span="half" value={count(figures?.late)} note="50 ms or more" />
    </dl>
  )
}

// On narrow screens uptime has a line of its own, then come three and then two.
const spans = {
  line: 'col-span-6 lg:col-span-2',
  third: 'col-span-2 lg:col-span-1',
  half: 'col-span-3 lg:col-span-1',
}

interface TileProps {
  name: string
  value: string
  span: keyof typeof spans
  note?: string
}

function Tile({ name, value, span, note }: TileProps) {
  return (
    <div className={`min-w-0 rounded-lg border border-line bg-surface px-3 py-2 ${spans[span]}`}>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="text-xl font-semibold">{value}</dd>
      {(span === 'line' || note) && <dd className="min-h-4 text-xs text-muted">{note}</dd>}
    </div>
  )
}
