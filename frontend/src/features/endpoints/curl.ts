import type { Definition } from '@/api/types'
import { parseSpan } from '@/lib/span'

/** The check's request as a command for a shell. References to secrets stay references. */
export function curlCommand({ http, timeout }: Definition): string {
  const parts = ['curl', '--include', '--request', quoted(http.method)]
  const limit = parseSpan(timeout)
  if (limit !== undefined) parts.push('--max-time', String(limit / 1_000))
  if (http.redirects > 0) parts.push('--location', '--max-redirs', String(http.redirects))
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    parts.push('--header', quoted(`${name}: ${value}`))
  }
  parts.push(...wayOf(http))
  if (http.body) parts.push('--data-binary', quoted(http.body))
  return [...parts, '--', quoted(http.url)].join(' ')
}

// Certificates are no arguments of a command: they stand as the files that hold them.
function wayOf({ proxy, tls, address }: Definition['http']): string[] {
  const parts: string[] = []
  if (proxy) parts.push('--proxy', quoted(proxy))
  if (address) parts.push('--connect-to', quoted(`::${address}`))
  if (tls?.ca) parts.push('--cacert', 'ca.pem')
  if (tls?.certificate) parts.push('--cert', 'certificate.pem', '--key', 'key.pem')
  return parts
}

// In single quotes a shell takes everything as it is, but the single quote.
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
