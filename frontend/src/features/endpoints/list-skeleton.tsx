import { SlowNote } from '@/ui/slow-note'
import { ListHead } from './list-head'
import { rowGrid } from './row-grid'

const places = [0, 1, 2, 3, 4, 5, 6, 7]

/** The list before anything is known, in its final geometry. */
export function ListSkeleton() {
  return (
    <div>
      <p role="status" className="sr-only">
        Loading endpoints
      </p>
      <SlowNote />
      <div aria-hidden="true">
        <ListHead />
        {places.map(place => (
          <div key={place} className={`h-26 border-b border-line md:h-11 ${rowGrid}`}>
            <div className="h-4 w-16 rounded bg-raised [grid-area:health]" />
            <div className="h-4 w-2/5 rounded bg-raised [grid-area:name]" />
            <div className="h-5 w-full rounded bg-raised [grid-area:bar]" />
            <div className="h-4 w-16 justify-self-end rounded bg-raised [grid-area:last]" />
          </div>
        ))}
      </div>
    </div>
  )
}
