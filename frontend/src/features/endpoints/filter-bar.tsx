import { useRef } from 'react'
import { type Density, densities } from '@/lib/density'
import { useKeys } from '@/lib/keys'
import { useShortcuts } from '@/lib/shortcuts'
import { SearchField } from '@/ui/search-field'
import { type Choice, SelectField } from '@/ui/select-field'
import { type ListView, sorts, sortWords } from './arrangement'

interface FilterBarProps {
  view: ListView
  namespaces: readonly string[]
  tags: readonly string[]
  density: Density
  /** Replace says that the change is no step of its own for the Back button. */
  onView(next: ListView, replace: boolean): void
  onDensity(density: Density): void
}

const densityChoices = densities.map(value => ({
  value,
  word: `${value[0]?.toUpperCase()}${value.slice(1)}`,
}))
const sortChoices = sorts.map(value => ({ value, word: sortWords[value] }))

/** Narrows, orders and groups the list. The key / leads to the search. */
export function FilterBar({ view, namespaces, tags, density, onView, onDensity }: FilterBarProps) {
  const field = useRef<HTMLInputElement>(null)
  useKeys({
    '/': () => {
      field.current?.focus()
      return true
    },
  })
  const sortBy = (value: string) => {
    const sort = sorts.find(known => known === value)
    onView({ ...view, sort: sort === 'health' ? undefined : sort }, false)
  }
  const setDensity = (value: string) => onDensity(densities.find(known => known === value) ?? 'roomy')
  return (
    <search className="flex flex-wrap gap-x-4 gap-y-2">
      <SearchField
        ref={field}
        label="Search endpoints"
        shortcut={useShortcuts() ? '/' : undefined}
        value={view.q ?? ''}
        onChange={q => onView({ ...view, q: q || undefined }, true)}
      />
      <SelectField
        label="Namespace"
        value={view.namespace ?? ''}
        choices={[{ value: '', word: 'All' }, ...withChosen(namespaces, view.namespace)]}
        onChange={namespace => onView({ ...view, namespace: namespace || undefined }, false)}
      />
      <SelectField label="Order" value={view.sort ?? 'health'} choices={sortChoices} onChange={sortBy} />
      <SelectField
        label="Group by"
        value={view.group ?? ''}
        choices={groupChoices(tags, view.group)}
        onChange={group => onView({ ...view, group: group || undefined, closed: undefined }, false)}
      />
      <div className="max-md:hidden">
        <SelectField label="Rows" value={density} choices={densityChoices} onChange={setDensity} />
      </div>
    </search>
  )
}

// What the URL chose stays choosable, known or not.
function withChosen(values: readonly string[], chosen: string | undefined): Choice[] {
  const known = chosen === undefined || values.includes(chosen) ? values : [chosen, ...values]
  return known.map(value => ({ value, word: value }))
}

function groupChoices(tags: readonly string[], chosen: string | undefined): Choice[] {
  const tag = chosen?.startsWith('tag:') ? chosen.slice('tag:'.length) : undefined
  return [
    { value: '', word: 'Nothing' },
    { value: 'namespace', word: 'Namespace' },
    ...withChosen(tags, tag).map(({ value }) => ({ value: `tag:${value}`, word: `Tag ${value}` })),
  ]
}
