import { rowGrid } from './row-grid'

/** The names of the columns; phones hear them only. */
export function ListHead() {
  return (
    <div role="rowgroup" className="max-md:sr-only">
      <div role="row" className={`h-9 border-b border-line text-xs font-medium text-muted ${rowGrid}`}>
        <div role="columnheader">Health</div>
        <div role="columnheader">Endpoint</div>
        <div role="columnheader">Last 60 checks</div>
        <div role="columnheader" className="text-right">
          Last check
        </div>
      </div>
    </div>
  )
}
