// Stands for the group without a name, which as nothing at all would get lost.
const nameless = '%'

/** Reads the names of closed groups from the URL. What cannot be read is left out. */
export function closedGroups(text: string | undefined): ReadonlySet<string> {
  if (!text) return new Set()
  return new Set(text.split(',').flatMap(decoded))
}

/** The text for the URL after a group was closed, or opened again; undefined when none is closed. */
export function toggleGroup(text: string | undefined, name: string): string | undefined {
  const names = new Set(closedGroups(text))
  if (!names.delete(name)) names.add(name)
  return names.size === 0 ? undefined : [...names].map(encoded).join(',')
}

function encoded(name: string): string {
  return name === '' ? nameless : encodeURIComponent(name)
}

function decoded(part: string): string[] {
  if (part === nameless) return ['']
  try {
    return part === '' ? [] : [decodeURIComponent(part)]
  } catch {
    return []
  }
}
