import { Link, Outlet } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { answer } from '@/api/client'
import { SignIn } from '@/features/account/sign-in'
import { Button } from '@/ui/button'
import { ThemeSelect } from '@/ui/theme-select'
import { LiveIndicator } from './live-indicator'
import { useServices } from './services'

/** What every page has: the header, and the sign-in form when the monitor wants a token. */
export function Shell() {
  const { session, feed } = useServices()
  const refused = useSyncExternalStore(session.subscribe, session.refused)
  const signedIn = useSyncExternalStore(session.subscribe, session.signedIn)
  useEffect(() => {
    if (refused) return
    feed.start()
    return () => feed.stop()
  }, [feed, refused])
  return (
    <>
      <header className="sticky top-0 z-10 border-b border-line bg-surface">
        <div className="mx-auto flex min-h-12 max-w-6xl flex-wrap items-center gap-x-3 gap-y-1 sm:gap-x-4 px-3 py-1.5 md:px-4">
          <h1 className="text-sm font-semibold sm:text-base">
            <Link to="/">API Endpoint Monitor</Link>
          </h1>
          {!refused && <LiveIndicator feed={feed} />}
          <div className="ml-auto flex gap-2">
            <ThemeSelect />
            {signedIn && <Button onClick={() => session.refuse()}>Sign out</Button>}
          </div>
        </div>
      </header>
      <main className="mx-auto max-w-6xl px-3 py-3 md:px-4 md:py-4">{refused ? <Gate /> : <Outlet />}</main>
    </>
  )
}

function Gate() {
  const { session, api, queries } = useServices()
  const signIn = async (token: string) => {
    const headers = { Authorization: `Bearer ${token}` }
    await answer(api.GET('/api/v1/me', { headers }))
    queries.clear()
    session.signIn(token)
  }
  return <SignIn onToken={signIn} />
}
