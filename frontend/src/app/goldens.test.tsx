import { readFileSync } from 'node:fs'
import { render, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { problemError } from '@/api/problem'
import type { EndpointSummary, Incident } from '@/api/types'
import { App } from './app'
import { fakeApi } from './fake-api'
import { createServices } from './services'

// The answers that the monitor's own tests hold it to.
function golden(name: string) {
  return JSON.parse(readFileSync(`../functions/query/testdata/${name}.json`, 'utf8'))
}

const monitor = fakeApi()
const services = createServices('http://monitor', monitor.fetch)
afterEach(() => services.feed.stop())

test('the overview shows what the monitor answers', async () => {
  const endpoints: EndpointSummary[] = golden('endpoints').items
  const incidents: Incident[] = golden('incidents').items
  monitor.answers.endpoints = endpoints
  monitor.answers.incidents = incidents.filter(incident => incident.open)
  render(<App services={services} />)
  const list = within(await screen.findByRole('table', { name: 'Endpoints' }))
  for (const endpoint of endpoints) {
    const row = list.getByText(endpoint.name).closest('[role=row]')
    expect(row?.textContent).toContain(endpoint.namespace)
    if (endpoint.health !== 'up' && endpoint.reason) expect(row?.textContent).toContain(endpoint.reason)
  }
  const open = monitor.answers.incidents.length
  expect(screen.getByRole('heading', { name: /Open incidents/ }).textContent).toContain(String(open))
})

test('a problem of the monitor is told in its own words', () => {
  const problem = golden('problem_invalid')
  expect(problemError(problem.status, problem)).toMatchObject({
    status: problem.status,
    code: problem.code,
    message: problem.detail,
  })
})
