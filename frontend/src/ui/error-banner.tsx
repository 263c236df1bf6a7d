import { useContext } from 'react'
import { formatTime } from '@/lib/format'
import { Button } from './button'
import { Disconnected } from './disconnected'

interface ErrorBannerProps {
  message: string
  /** Of when the data is that is still shown, in Unix milliseconds; 0 if there is none. */
  at: number
  onRetry(): void
}

/** A failure beside content: what is shown is old. It leaves a lost monitor to the header. */
export function ErrorBanner({ message, at, onRetry }: ErrorBannerProps) {
  if (useContext(Disconnected) && at > 0) return null
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded-lg border border-degraded bg-surface px-3 py-2 text-sm"
    >
      <p className="min-w-0 flex-1">
        {message}
        {at > 0 && <span className="text-muted"> Shown is what was known at {formatTime(at)}.</span>}
      </p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  )
}
