import { type SubmitEvent, useState } from 'react'
import { errorMessage } from '@/api/problem'
import { Button } from '@/ui/button'
import { SlowNote } from '@/ui/slow-note'

interface SignInProps {
  /** Whether a token was accepted before, and is not any more. */
  ended: boolean
  /** Checks the token and keeps it. Rejects with the reason when it is not accepted. */
  onToken(token: string): Promise<void>
}

/** Asks for the admin token. The page behind it stays where it is. */
export function SignIn({ ended, onToken }: SignInProps) {
  const [fault, setFault] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get('token') ?? '').trim()
    setFault('')
    setBusy(true)
    await onToken(token).catch((error: unknown) => setFault(errorMessage(error)))
    setBusy(false)
  }
  return (
    <form onSubmit={submit} className="mx-auto mt-16 flex max-w-sm flex-col gap-3 px-4">
      <h2 className="text-lg font-semibold">Sign in</h2>
      {ended && (
        <p className="rounded-md border border-degraded px-3 py-2 text-sm">
          The monitor no longer accepts the token. Sign in again, and this page goes on where it was.
        </p>
      )}
      <p id="token-hint" className="text-sm text-muted">
        Enter the admin token. The monitor printed it when it started for the first time.
      </p>
      <label className="flex flex-col gap-1 text-sm font-medium">
        Admin token
        <input
          name="token"
          type="password"
          required
          autoComplete="current-password"
          aria-describedby="token-hint"
          className="h-10 rounded-md border border-line bg-surface px-3"
        />
      </label>
      <p role="alert" className="text-sm text-down-text empty:hidden">
        {fault}
      </p>
      <Button type="submit" look="primary" disabled={busy}>
        {busy ? 'Signing in' : 'Sign in'}
      </Button>
      {busy && <SlowNote />}
      <p className="text-xs text-muted">The token is kept in this page only: a reload asks for it again.</p>
    </form>
  )
}
