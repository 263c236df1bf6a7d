import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { useKeys } from './keys'
import { shortcutsOn, switchShortcuts } from './shortcuts'

function Page({ onKey, children }: { onKey(key: string): void; children?: React.ReactNode }) {
  const told = (key: string) => () => {
    onKey(key)
    return true
  }
  useKeys({ j: told('j'), Escape: told('Escape') })
  return children
}

afterEach(() => switchShortcuts(true))

test('letters act until they are switched off, which this browser remembers', async () => {
  const onKey = vi.fn()
  render(<Page onKey={onKey} />)
  await userEvent.keyboard('j')
  expect(onKey.mock.calls).toEqual([['j']])
  switchShortcuts(false)
  await userEvent.keyboard('j')
  expect(onKey.mock.calls).toEqual([['j']])
  expect(localStorage.getItem('shortcuts')).toBe('off')
  expect(shortcutsOn()).toBe(false)
})

test('Escape is no letter and always acts', async () => {
  const onKey = vi.fn()
  switchShortcuts(false)
  render(<Page onKey={onKey} />)
  await userEvent.keyboard('{Escape}')
  expect(onKey).toHaveBeenCalledWith('Escape')
})

test('nothing acts behind a dialog, unless the dialog asks for it', async () => {
  const onKey = vi.fn()
  const page = render(
    <Page onKey={onKey}>
      <dialog open />
    </Page>,
  )
  await userEvent.keyboard('j{Escape}')
  expect(onKey).not.toHaveBeenCalled()
  page.rerender(
    <Page onKey={onKey}>
      <dialog open data-page-keys />
    </Page>,
  )
  await userEvent.keyboard('j')
  expect(onKey).toHaveBeenCalledWith('j')
})
