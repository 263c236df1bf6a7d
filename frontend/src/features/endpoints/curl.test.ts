import { expect, test } from 'vitest'
import type { Definition } from '@/api/types'
import { curlCommand } from './curl'

const definition: Definition = {
  namespace: 'shop',
  id: 'cart',
  name: 'cart',
  interval: '10s',
  timeout: '1.5s',
  http: { method: 'GET', url: 'https://shop.example/cart?a=1&b=2', redirects: 0 },
  expect: {},
  alert: { after: 2, recover: 2 },
}

test('a check as a command', () => {
  expect(curlCommand(definition)).toBe(
    "curl --include --request GET --max-time 1.5 -- 'https://shop.example/cart?a=1&b=2'",
  )
})

test('the way to the endpoint is part of the command', () => {
  const command = (more: Partial<Definition['http']>) =>
    curlCommand({ ...definition, http: { ...definition.http, ...more } })
  expect(command({ proxy: `http://u:\${P}@proxy.example:3128` })).toContain(
    ` --proxy 'http://u:\${P}@proxy.example:3128' -- `,
  )
  expect(command({ address: '10.0.0.7:8443' })).toContain(" --connect-to '::10.0.0.7:8443' -- ")
  expect(command({ tls: { ca: 'x', certificate: `\${C}`, key: `\${K}` } })).toContain(
    ' --cacert ca.pem --cert certificate.pem --key key.pem -- ',
  )
})

test('nothing in a definition leaves its quotes, and secrets stay references', () => {
  const http = {
    ...definition.http,
    method: 'POST',
    redirects: 3,
    body: "it's $(rm -rf /)",
    headers: { Authorization: `Bearer \${TOKEN}` },
  }
  expect(curlCommand({ ...definition, http })).toBe(
    `curl --include --request POST --max-time 1.5 --location --max-redirs 3 --header 'Authorization: Bearer \${TOKEN}' ` +
      "--data-binary 'it'\\''s $(rm -rf /)' -- 'https://shop.example/cart?a=1&b=2'",
  )
})
