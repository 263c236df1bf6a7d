import type { Incident } from '@/api/types'

/** One page of incidents, newest start first. */
export interface IncidentPage {
  items: Incident[]
  next?: string
}

/** The pages with a changed incident in its place; a new one joins the first page. */
export function withChange(pages: IncidentPage[], changed: Incident): IncidentPage[] {
  const known = pages.some(page => page.items.some(item => item.id === changed.id))
  return pages.map((page, place) => {
    if (!known && place === 0) return { ...page, items: [changed, ...page.items] }
    return { ...page, items: page.items.map(item => (item.id === changed.id ? changed : item)) }
  })
}

/** The incidents of all pages that are over, newest start first, each once. */
export function pastIncidents(pages: readonly IncidentPage[], namespace: string | undefined): Incident[] {
  const byId = new Map<string, Incident>()
  for (const incident of pages.flatMap(page => page.items)) {
    if (incident.open || byId.has(incident.id)) continue
    if (namespace === undefined || incident.namespace === namespace) byId.set(incident.id, incident)
  }
  return [...byId.values()].sort((a, b) => Date.parse(b.started) - Date.parse(a.started))
}
