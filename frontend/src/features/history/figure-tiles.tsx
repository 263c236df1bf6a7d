import type { Figures } from '@/api/types'
import { formatMicros } from '@/lib/format'
import { conclusive, formatUptime, uptimeFormula } from './figures'

/** The figures of the range. Before anything is known the tiles are there without them. */
export function FigureTiles({ figures }: { figures: Figures | undefined }) {
  const time = (us: number | undefined) => (us === undefined ? '–' : formatMicros(us))
  const count = (number: number | undefined) => number?.toLocaleString() ?? '–'
  return (
    <dl className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-7">
      <Tile
        name="Uptime"
        value={figures ? formatUptime(figures.uptime) : '–'}
        note={figures && conclusive(figures) + figures.unknown > 0 ? uptimeFormula(figures) : ''}
        wide
      />
      <Tile name="p50" value={time(figures?.p50_us)} />
      <Tile name="p95" value={time(figures?.p95_us)} />
      <Tile name="p99" value={time(figures?.p99_us)} />
      <Tile name="Failures" value={count(figures?.failed)} />
      <Tile name="Late checks" value={count(figures?.late)} note="50 ms or more" />
    </dl>
  )
}

function Tile({ name, value, note, wide }: { name: string; value: string; note?: string; wide?: boolean }) {
  return (
    <div
      className={`min-w-0 rounded-lg border border-line bg-surface px-3 py-2 ${wide ? 'col-span-2 sm:col-span-3 lg:col-span-2' : ''}`}
    >
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="text-xl font-semibold">{value}</dd>
      {(wide || note) && <dd className="min-h-4 text-xs text-muted">{note}</dd>}
    </div>
  )
}
