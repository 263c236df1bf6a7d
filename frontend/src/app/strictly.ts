type Search = Record<string, unknown>

/** What a parser leaves out of the URL's search part is absent: the router would hand it on as it stands there. */
export function strictly<T extends object>(parse: (search: Search) => T): (search: Search) => T {
  return search => ({
    ...Object.fromEntries(Object.keys(search).map(name => [name, undefined])),
    ...parse(search),
  })
}
