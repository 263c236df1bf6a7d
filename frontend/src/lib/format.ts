/** A span in microseconds, short: "840 µs", "12 ms", "1.3 s". */
export function formatMicros(us: number): string {
  if (us < 1_000) return `${Math.round(us)} µs`
  if (us < 999_500) return `${Math.round(us / 1_000)} ms`
  return `${(us / 1_000_000).toFixed(us < 9_950_000 ? 1 : 0)} s`
}

const units = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3_600, name: 'h' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 's' },
] as const

/** A span in milliseconds, in its two largest units: "4 s", "12 min 5 s", "2 d 3 h". */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const first = units.findIndex(unit => seconds >= unit.seconds)
  if (first < 0) return '0 s'
  let rest = seconds
  const parts: string[] = []
  for (const unit of units.slice(first, first + 2)) {
    const count = Math.floor(rest / unit.seconds)
    rest %= unit.seconds
    if (count > 0) parts.push(`${count} ${unit.name}`)
  }
  return parts.join(' ')
}

/** A short span in milliseconds, to the millisecond below a second: "8 ms", "1.3 s", "12 min 5 s". */
export function formatLag(ms: number): string {
  return ms < 60_000 ? formatMicros(Math.max(0, ms) * 1_000) : formatSpan(ms)
}

/** How long ago a moment was. A moment ahead of the local clock is "just now". */
export function formatAge(moment: number, now: number): string {
  return now - moment < 1_000 ? 'just now' : `${formatSpan(now - moment)} ago`
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** The local time of day of a moment, with seconds. */
export function formatTime(moment: number): string {
  return timeOfDay.format(moment)
}

/** The local date and time of a moment, with seconds. */
export function formatMoment(moment: number): string {
  return dateAndTime.format(moment)
}
