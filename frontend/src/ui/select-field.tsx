/** What can be chosen, and the words for it. */
export interface Choice {
  value: string
  word: string
}

interface SelectFieldProps {
  label: string
  value: string
  choices: readonly Choice[]
  onChange(value: string): void
}

/** A choice of one, with its label before it. */
export function SelectField({ label, value, choices, onChange }: SelectFieldProps) {
  return (
    <label className="flex min-w-0 items-center gap-2 text-sm max-sm:w-full">
      <span className="text-muted max-sm:w-24 max-sm:shrink-0">{label}</span>
      <select
        value={value}
        onChange={event => onChange(event.target.value)}
        className="h-9 min-w-0 rounded-md border border-line bg-surface px-2 max-sm:flex-1 sm:max-w-44"
      >
        {choices.map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.word}
          </option>
        ))}
      </select>
    </label>
  )
}
