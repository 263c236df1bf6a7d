const most = 120
const longest = 6_000 // characters in a URL that every proxy takes

/**
 * The keys whose results are worth following: those in sight, first to last,
 * and then their neighbours on both sides, so that scrolling a little needs no
 * new connection. Lines that are no endpoints have no key.
 */
export function watchedKeys(keys: readonly (string | undefined)[], first: number, last: number): string[] {
  const watched: string[] = []
  let length = 0
  for (const index of outwards(first, last, keys.length)) {
    const key = keys[index]
    if (key === undefined) continue
    length += encodeURIComponent(key).length + 1
    if (watched.length === most || length > longest) break
    watched.push(key)
  }
  return watched
}

function* outwards(first: number, last: number, count: number) {
  for (let i = first; i <= last; i++) yield i
  for (let step = 1; first - step >= 0 || last + step < count; step++) {
    yield last + step
    yield first - step
  }
}
