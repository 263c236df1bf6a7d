import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { Button } from '@/ui/button'
import { Disconnected } from '@/ui/disconnected'
import { ThemeSelect } from '@/ui/theme-select'
import { isDisconnected } from './connection'
import { Gate } from './gate'
import { KeysDialog } from './keys-dialog'
import { LiveIndicator } from './live-indicator'
import { useServices } from './services'
import { StoreNotice } from './store-notice'
import { usePageKeys } from './use-page-keys'

/** What every page has: the header, and the sign-in form when the monitor wants a token. */
export function Shell() {
  const { session, feed } = useServices()
  const refused = useSyncExternalStore(session.subscribe, session.refused)
  const signedIn = useSyncExternalStore(session.subscribe, session.signedIn)
  const [keysShown, setKeysShown] = useState(false)
  const lost = useSyncExternalStore(feed.subscribe, () => isDisconnected(feed.freshness()))
  const navigate = useNavigate()
  usePageKeys({
    onKeys: () => setKeysShown(true),
    onOverview: () => void navigate({ to: '/' }),
    onIncidents: () => void navigate({ to: '/incidents' }),
  })
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
          {!refused && <Pages />}
          {!refused && <LiveIndicator feed={feed} />}
          <div className="ml-auto flex items-center gap-2">
            <Button onClick={() => setKeysShown(true)}>Keys</Button>
            <ThemeSelect />
            {signedIn && <Button onClick={() => session.signOut()}>Sign out</Button>}
          </div>
        </div>
      </header>
      <main className="mx-auto max-w-6xl px-3 py-3 md:px-4 md:py-4">
        <Disconnected value={lost}>{refused ? <Gate /> : <Outlet />}</Disconnected>
      </main>
      {!refused && (
        <Disconnected value={lost}>
          <StoreNotice />
        </Disconnected>
      )}
      {keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
    </>
  )
}

function Pages() {
  const look = 'rounded px-2 py-1 text-sm hover:bg-raised'
  const active = { className: 'bg-raised font-medium' }
  return (
    <nav aria-label="Pages" className="flex gap-1">
      <Link
        to="/"
        className={look}
        activeProps={active}
        activeOptions={{ exact: true, includeSearch: false }}
      >
        Overview
      </Link>
      <Link to="/incidents" className={look} activeProps={active}>
        Incidents
      </Link>
    </nav>
  )
}
