import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EndpointSummary, Incident } from '@/api/types'
import { App } from './app'
import { fakeApi } from './fake-api'
import { createServices } from './services'

let services: ReturnType<typeof createServices>
let monitor: ReturnType<typeof fakeApi>

beforeEach(() => {
  window.history.replaceState(null, '', '/')
  monitor = fakeApi()
  services = createServices('http://monitor', monitor.fetch)
})
afterEach(() => services.feed.stop())

function endpoint(id: string, given: Partial<EndpointSummary> = {}): EndpointSummary {
  const url = `https://${id}.example/`
  return { key: `shop/${id}`, namespace: 'shop', id, name: id, url, interval: '1s', health: 'up', ...given }
}

const incident: Incident = {
  id: 'i1',
  namespace: 'shop',
  endpoint: 'shop/cart',
  name: 'cart',
  started: '2026-11-22T08:30:00.000Z',
  open: true,
  duration_seconds: 60,
  reason: 'connection refused',
  sequence: 1,
  timeline: [],
}

const rows = () => screen.getAllByRole('row').slice(1)

describe('the overview', () => {
  test('lists endpoints, worst first, with the reason', async () => {
    monitor.answers.endpoints = [
      endpoint('login'),
      endpoint('cart', { health: 'down', reason: 'connection refused' }),
    ]
    render(<App services={services} />)
    await screen.findByText('login')
    expect(rows().map(row => row.textContent)).toEqual([
      expect.stringContaining('Downcartshop · connection refused'),
      expect.stringContaining('Uploginshop'),
    ])
  })

  test('shows a live change in the row and in the counters', async () => {
    monitor.answers.endpoints = [endpoint('cart')]
    render(<App services={services} />)
    await screen.findByText('cart')
    monitor.answers.endpoints = [endpoint('cart', { health: 'down', reason: 'timeout' })]
    monitor.send('endpoints', [{ key: 'shop/cart', health: 'down', reason: 'timeout' }])
    expect(await screen.findByText('timeout')).toBeTruthy()
    await waitFor(() => expect(screen.getByRole('button', { name: /^Down ?1/ })).toBeTruthy())
  })

  test('opens and closes incidents as they come', async () => {
    monitor.answers.endpoints = [endpoint('cart')]
    render(<App services={services} />)
    await screen.findByText('cart')
    monitor.answers.incidents = [incident]
    monitor.send('incident', incident)
    expect(await screen.findByRole('heading', { name: 'Open incidents (1)' })).toBeTruthy()
    monitor.answers.incidents = []
    monitor.send('incident', { ...incident, open: false })
    await waitFor(() => expect(screen.queryByRole('heading', { name: /Open incidents/ })).toBeNull())
  })

  test('fetches again when the catalog changes', async () => {
    monitor.answers.endpoints = [endpoint('cart')]
    render(<App services={services} />)
    await screen.findByText('cart')
    monitor.answers.endpoints = [endpoint('cart'), endpoint('search')]
    monitor.send('catalog', { revision: 2 })
    expect(await screen.findByText('search')).toBeTruthy()
  })

  test('keeps the filter in the URL, and reads it from there', async () => {
    monitor.answers.endpoints = [endpoint('login'), endpoint('cart', { health: 'down' })]
    window.history.replaceState(null, '', '/?q=404')
    render(<App services={services} />)
    await screen.findByText('Nothing matches')
    const field = screen.getByRole('searchbox')
    expect(field).toHaveProperty('value', '404')
    await userEvent.clear(field)
    await userEvent.click(screen.getByRole('button', { name: /^Down/ }))
    await waitFor(() => expect(window.location.search).toBe('?health=down'))
    expect(rows()).toHaveLength(1)
  })

  test('without endpoints says how to add one', async () => {
    render(<App services={services} />)
    expect(await screen.findByText('No endpoints yet')).toBeTruthy()
    expect(screen.getByText('monitor.yaml')).toBeTruthy()
  })

  test('with a fault shows what the server said, and tries again', async () => {
    monitor.answers.fault = 'cursor is not one of ours'
    render(<App services={services} />)
    expect(await screen.findByText('cursor is not one of ours')).toBeTruthy()
    monitor.answers.fault = ''
    for (const button of screen.getAllByRole('button', { name: 'Try again' })) await userEvent.click(button)
    expect(await screen.findByText('No endpoints yet')).toBeTruthy()
  })
})

test('a token opens the page, and signing out closes it', async () => {
  monitor.answers.token = 'right'
  render(<App services={services} />)
  await userEvent.type(await screen.findByLabelText('Admin token'), 'wrong{Enter}')
  expect(await screen.findByText('the token is wrong')).toBeTruthy()
  await userEvent.clear(screen.getByLabelText('Admin token'))
  await userEvent.type(screen.getByLabelText('Admin token'), 'right{Enter}')
  expect(await screen.findByText('No endpoints yet')).toBeTruthy()
  expect(monitor.streams.at(-1)?.headers.Authorization).toBe('Bearer right')
  await userEvent.click(screen.getByRole('button', { name: 'Sign out' }))
  expect(await screen.findByLabelText('Admin token')).toBeTruthy()
})
