/** The parts of a check's ID: shop/checkout@local#1763800000000. */
export interface CheckId {
  namespace: string
  id: string
  location: string
  /** When the check was due, in Unix milliseconds. */
  due: number
}

/** Takes a check's ID apart; undefined when it is none. */
export function parseCheckId(text: string): CheckId | undefined {
  const [, namespace, id, location, due] = /^([^/@#]+)\/([^/@#]+)@([^#]+)#(\d{1,15})$/.exec(text) ?? []
  if (!namespace || !id || !location || !due) return undefined
  return { namespace, id, location, due: Number(due) }
}
