import { SelectField } from '@/ui/select-field'
import { type IncidentFilters, ranges, rangeWords } from './incident-filters'

interface IncidentFilterBarProps {
  filters: IncidentFilters
  namespaces: readonly string[]
  onFilters(filters: IncidentFilters): void
}

/** Narrows the list of incidents. */
export function IncidentFilterBar({ filters, namespaces, onFilters }: IncidentFilterBarProps) {
  const { namespace = '', show, range = '' } = filters
  const known = namespace === '' || namespaces.includes(namespace) ? namespaces : [namespace, ...namespaces]
  return (
    <search className="flex flex-wrap gap-x-4 gap-y-2">
      <SelectField
        label="Show"
        value={show ?? ''}
        choices={[
          { value: '', word: 'All incidents' },
          { value: 'open', word: 'Open ones only' },
        ]}
        onChange={value => onFilters({ ...filters, show: value === 'open' ? 'open' : undefined })}
      />
      <SelectField
        label="Namespace"
        value={namespace}
        choices={[{ value: '', word: 'All' }, ...known.map(name => ({ value: name, word: name }))]}
        onChange={value => onFilters({ ...filters, namespace: value || undefined })}
      />
      {show !== 'open' && (
        <SelectField
          label="Started"
          value={range}
          choices={[
            { value: '', word: 'At any time' },
            ...ranges.map(value => ({ value, word: rangeWords[value] })),
          ]}
          onChange={value => onFilters({ ...filters, range: ranges.find(known => known === value) })}
        />
      )}
    </search>
  )
}
