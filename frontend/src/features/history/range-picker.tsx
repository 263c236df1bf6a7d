import { type SubmitEvent, useState } from 'react'
import { Button } from '@/ui/button'
import { defaultSpan, fixedRange, isMoving, type SpanName, spanNames, spanOf, type TimeRange } from './range'

interface RangePickerProps {
  range: TimeRange
  onRange(range: TimeRange): void
}

const words: Record<SpanName, string> = {
  '15m': '15 min',
  '1h': '1 h',
  '6h': '6 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
  '90d': '90 d',
}

/** Chooses what time a page is about: a span that ends now, or two moments. */
export function RangePicker({ range, onRange }: RangePickerProps) {
  const [open, setOpen] = useState(false)
  const chosen = isMoving(range) ? (range.range ?? defaultSpan) : undefined
  return (
    <div className="flex flex-col gap-2">
      <fieldset aria-label="Range" className="flex flex-wrap gap-1">
        {spanNames.map(name => (
          <Choice
            key={name}
            word={words[name]}
            pressed={chosen === name}
            onPress={() => onRange(name === defaultSpan ? {} : { range: name })}
          />
        ))}
        <Choice
          word="From – to"
          pressed={chosen === undefined}
          expanded={open}
          onPress={() => setOpen(!open)}
        />
      </fieldset>
      {(open || chosen === undefined) && (
        <Moments key={JSON.stringify(range)} range={range} onRange={onRange} />
      )}
    </div>
  )
}

interface ChoiceProps {
  word: string
  pressed: boolean
  expanded?: boolean
  onPress(): void
}

function Choice({ word, pressed, expanded, onPress }: ChoiceProps) {
  const look = pressed ? 'border-accent ring-1 ring-accent' : 'border-line hover:bg-raised'
  return (
    <button
      type="button"
      aria-pressed={pressed}
      {...(expanded !== undefined && { 'aria-expanded': expanded })}
      onClick={onPress}
      className={`min-h-9 cursor-pointer rounded-md border bg-surface px-2.5 text-sm ${look}`}
    >
      {word}
    </button>
  )
}

function Moments({ range, onRange }: RangePickerProps) {
  const [fault, setFault] = useState('')
  const [span] = useState(() => spanOf(range, Date.now()))
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const from = Date.parse(String(form.get('from')))
    const to = Date.parse(String(form.get('to')))
    if (to > from) onRange(fixedRange({ from, to }))
    else setFault('The end must be later than the beginning.')
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2 text-sm">
      <Moment name="from" label="From" moment={span.from} />
      <Moment name="to" label="To" moment={span.to} />
      <Button type="submit">Show</Button>
      <p role="alert" className="text-down-text empty:hidden">
        {fault}
      </p>
    </form>
  )
}

function Moment({ name, label, moment }: { name: string; label: string; moment: number }) {
  return (
    <label className="flex min-w-0 items-center gap-2">
      <span className="w-10 text-muted">{label}</span>
      <input
        type="datetime-local"
        step="1"
        name={name}
        required
        defaultValue={localText(moment)}
        className="h-9 min-w-0 rounded-md border border-line bg-surface px-2"
      />
    </label>
  )
}

// What the field takes: local time without a zone.
function localText(moment: number): string {
  const offset = new Date(moment).getTimezoneOffset() * 60_000
  return new Date(moment - offset).toISOString().slice(0, 19)
}
