import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the types are those of the OpenAPI document: else run npm run generate', () => {
  const program = 'node_modules/openapi-typescript/bin/cli.js'
  const document = '../functions/query/testdata/openapi.json'
  const fresh = execFileSync(process.execPath, [program, document], { encoding: 'utf8' })
  expect(fresh.trim()).toBe(readFileSync('src/api/schema.d.ts', 'utf8').trim())
})
