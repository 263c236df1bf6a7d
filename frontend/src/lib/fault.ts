const words: Record<string, string> = {
  dns: 'The name of the host does not resolve.',
  refused: 'Nothing listens at the address.',
  unreachable: 'There is no route to the host.',
  reset: 'The other side cut the connection.',
  tls: 'No secure connection came about, or the certificate is bad.',
  timeout: 'No whole answer came in time.',
  protocol: 'What came back is not HTTP.',
  redirects: 'There were more redirects than are followed.',
  proxy: 'The proxy could not be used, or would not lead to the endpoint.',
  expectation: 'A whole answer came, and it is not the expected one.',
  overrun: 'The check before it was still running.',
  skipped: 'Its time was over before it could start.',
  secret: 'A secret that the request needs is missing, or is not what it must be.',
  observer: 'The monitor itself ran out of sockets, files or memory.',
}

/** A fault in a plain sentence; the code itself if it is a new one, and nothing if there is none. */
export function faultSentence(fault: string | undefined): string {
  if (!fault) return ''
  return Object.hasOwn(words, fault) ? (words[fault] ?? fault) : fault
}
