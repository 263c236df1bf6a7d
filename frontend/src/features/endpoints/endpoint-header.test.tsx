import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { EndpointDetail } from '@/api/types'
import { EndpointHeader } from './endpoint-header'
import { summary } from './sample'

function shown(given: Partial<EndpointDetail>): string {
  const definition = {} as EndpointDetail['definition']
  render(<EndpointHeader endpoint={{ ...summary(), definition, revision: 1, ...given }} />)
  return screen.getByText(/last check/).textContent ?? ''
}

test('says how often the endpoint is checked', () => {
  expect(shown({})).toMatch(/^every 10s · last check/)
})

test('says so when it is checked less often, and why', () => {
  expect(shown({ health: 'down', effective_interval: '40s' })).toMatch(
    /^every 40s instead of 10s, since it has been down for long · last check/,
  )
})
