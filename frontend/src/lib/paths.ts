/** The address of an endpoint's page. */
export function endpointPath(key: string): string {
  const [namespace = '', id = ''] = key.split('/')
  return `/endpoints/${encodeURIComponent(namespace)}/${encodeURIComponent(id)}`
}

/** The address of an incident's page. */
export function incidentPath(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`
}
