import { readFileSync } from 'node:fs'
import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Incident, IncidentDetail } from '@/api/types'
import { faultSentence } from '@/lib/fault'
import { App } from './app'
import { fakeApi } from './fake-api'
import { createServices } from './services'

let services: ReturnType<typeof createServices>
let monitor: ReturnType<typeof fakeApi>

// The answers that the monitor's own tests hold it to.
function golden(name: string) {
  return JSON.parse(readFileSync(`../functions/query/testdata/${name}.json`, 'utf8'))
}

function open(path: string) {
  window.history.replaceState(null, '', path)
  render(<App services={services} />)
}

beforeEach(() => {
  monitor = fakeApi()
  monitor.answers.incidents = golden('incidents').items
  monitor.answers.incident = golden('incident')
  monitor.answers.notices = golden('notices').items
  services = createServices('http://monitor', monitor.fetch)
})
afterEach(() => services.feed.stop())

describe('the list', () => {
  const list = (name: string) => within(screen.getByRole('list', { name }))

  test('shows what is open, and then what is over', async () => {
    open('/incidents')
    await screen.findByText('The cart')
    expect(list('Open incidents').getByText('The checkout')).toBeTruthy()
    expect(list('Resolved incidents').getByText('The cart')).toBeTruthy()
  })

  test('reads its filters from the URL', async () => {
    open('/incidents?show=open&namespace=lab')
    expect(await screen.findByText(/Nothing is open in lab/)).toBeTruthy()
    expect(screen.queryByRole('heading', { name: 'Resolved' })).toBeNull()
    await userEvent.selectOptions(screen.getByLabelText('Show'), 'All incidents')
    await waitFor(() => expect(window.location.search).toBe('?namespace=lab'))
    await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }))
    expect(await screen.findByText('The cart')).toBeTruthy()
  })

  test('moves an incident that ends', async () => {
    open('/incidents')
    await screen.findByText('The cart')
    const [checkout, ...others] = monitor.answers.incidents
    const ended = { ...checkout, open: false, ended: '2026-11-22T12:05:00.000Z' } as Incident
    monitor.answers.incidents = [ended, ...others]
    monitor.send('incident', ended)
    await waitFor(() => expect(list('Resolved incidents').getByText('The checkout')).toBeTruthy())
    expect(screen.getByText(/Nothing is open\./)).toBeTruthy()
  })

  test('with a fault shows what the server said', async () => {
    monitor.answers.fault = 'the store does not answer'
    open('/incidents')
    expect(await screen.findByText('the store does not answer')).toBeTruthy()
  })
})

describe('the page of one incident', () => {
  const incident: IncidentDetail = golden('incident')

  test('shows the reason, the fault in plain words, the ledger and who was told', async () => {
    open(`/incidents/${incident.id}`)
    expect(await screen.findByRole('link', { name: incident.name })).toBeTruthy()
    expect(screen.getAllByText(incident.reason).length).toBeGreaterThan(0)
    expect(screen.getAllByText(faultSentence(incident.fault), { exact: false }).length).toBeGreaterThan(0)
    expect(screen.getByText('+ 1.0 s')).toBeTruthy()
    expect(await screen.findByText('shop/oncall')).toBeTruthy()
    expect(screen.getByText('C0123456/1')).toBeTruthy()
  })

  test('leads from the evidence to the failing check', async () => {
    open(`/incidents/${incident.id}`)
    const evidence = within(await screen.findByRole('list', { name: 'Evidence' })).getByRole('link')
    expect(evidence.getAttribute('href')).toBe('/endpoints/shop/checkout?check=1')
  })

  test('follows what happens to it', async () => {
    open(`/incidents/${incident.id}`)
    await screen.findAllByText('Open')
    const ended = { ...incident, open: false, ended: '2026-11-22T12:05:00.000Z' }
    monitor.answers.incident = ended
    monitor.send('incident', ended)
    await waitFor(() => expect(screen.getAllByText('Resolved').length).toBeGreaterThan(0))
  })

  test('says what only the store knows, as long as it does not answer', async () => {
    const { sent: _, accepted: __, ...ledger } = incident.ledger
    monitor.answers.incident = { ...incident, ledger, stale_since: '2026-11-22T12:03:00.000Z' }
    open(`/incidents/${incident.id}`)
    expect(await screen.findAllByText('Not known')).toHaveLength(2)
  })

  test('keeps what the store has told, although it does not answer any more', async () => {
    open(`/incidents/${incident.id}`)
    await screen.findByText('+ 1.0 s')
    const { sent: _, accepted: __, ...ledger } = incident.ledger
    monitor.answers.incident = { ...incident, ledger, stale_since: '2026-11-22T12:03:00.000Z' }
    await act(() => services.queries.refetchQueries({ queryKey: ['incident', incident.id], exact: true }))
    expect(screen.queryByText('Not known')).toBeNull()
  })

  test('that does not exist says so', async () => {
    monitor.answers.incident = undefined
    open('/incidents/nothing')
    expect(await screen.findByText('there is no such incident')).toBeTruthy()
  })
})
