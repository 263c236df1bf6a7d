import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'

const dist = join(import.meta.dirname, '..', 'dist')

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The strictest policy that the dashboard has to live with. */
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

/** Sends a file of the built dashboard, or index.html for the pages that it makes itself. */
export function sendAsset(path: string, response: ServerResponse) {
  const wanted = join(dist, path)
  const file = path !== '/' && existsSync(wanted) ? wanted : join(dist, 'index.html')
  response
    .writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'text/plain',
      'Content-Security-Policy': policy,
    })
    .end(readFileSync(file))
}
