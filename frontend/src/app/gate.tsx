import { useSyncExternalStore } from 'react'
import { answer } from '@/api/client'
import { SignIn } from '@/features/account/sign-in'
import { useServices } from './services'

/** How long a sign-in may wait for an answer, in milliseconds. */
const patience = 30_000

/** Stands in place of a page until the monitor accepts a token; the address stays that of the page. */
export function Gate() {
  const { session, api, queries } = useServices()
  const ended = useSyncExternalStore(session.subscribe, session.ended)
  const signIn = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` }
    await answer(api.GET('/api/v1/me', { headers, signal: AbortSignal.timeout(patience) }))
    queries.clear()
    session.signIn(token)
  }
  return <SignIn ended={ended} onToken={signIn} />
}
