import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Extract } from './extract'
import { resultAt } from './sample'

const answered = { outcome: 'failed', status: 500, bytes: 98 } as const

test('what the server said is shown as text, sign by sign', () => {
  const extract = '<b>no</b> <img src=x onerror="document.title=\'run\'">\n<script>1</script> &amp; שלום 👩‍💻'
  render(<Extract result={resultAt(0, { ...answered, extract })} />)
  const shown = screen.getByRole('region', { name: 'What the server said (redacted)' })
  expect(shown.textContent).toBe(extract)
  expect(shown.querySelector('b, img, script')).toBeNull()
})

test('what was not kept is said', () => {
  render(<Extract result={resultAt(0, answered)} />)
  expect(screen.queryByRole('region')).toBeNull()
  expect(screen.getByText(/Not kept for this check/)).toBeTruthy()
})

test('a check that passed or had no answer says nothing of it', () => {
  const { container } = render(
    <>
      <Extract result={resultAt(0, { bytes: 98 })} />
      <Extract result={resultAt(1, { outcome: 'failed', fault: 'refused' })} />
      <Extract result={resultAt(2, { outcome: 'unknown', bytes: 98 })} />
    </>,
  )
  expect(container.textContent).toBe('')
})
