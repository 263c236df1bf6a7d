import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Api } from '@/api/client'
import { errorMessage } from '@/api/problem'
import type { Definition } from '@/api/types'
import { formatMoment } from '@/lib/format'
import { Button } from '@/ui/button'
import { ErrorMessage } from '@/ui/error-message'
import { Sheet } from '@/ui/sheet'
import { CheckDetail } from './check-detail'
import { checkQuery } from './results-queries'

interface CheckSheetProps {
  api: Api
  path: { namespace: string; id: string }
  /** When the check was due, in Unix milliseconds. */
  due: number
  expect: Definition['expect'] | undefined
  onClose(): void
}

/** One check in full, beside the log; on a phone in place of it. */
export function CheckSheet({ api, path, due, expect, onClose }: CheckSheetProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const check = useQuery(checkQuery(api, path, due))
  return (
    <Sheet labelledBy="check-sheet" onClose={onClose}>
      <div className="mb-3 flex items-start justify-between gap-3">
        <div>
          <h3 ref={heading} id="check-sheet" tabIndex={-1} className="text-base font-semibold outline-none">
            Check
          </h3>
          <p className="text-sm text-muted">due {formatMoment(due)}</p>
        </div>
        <Button aria-keyshortcuts="Escape" onClick={onClose}>
          Close
        </Button>
      </div>
      {check.isPending && <p className="text-sm text-muted">Loading the check</p>}
      {check.isError && (
        <ErrorMessage
          title="The check could not be loaded"
          error={errorMessage(check.error)}
          onRetry={() => void check.refetch()}
        />
      )}
      {check.data === null && (
        <p className="text-sm text-muted">
          No check of this endpoint was due at this moment, or its result is no longer kept.
        </p>
      )}
      {check.data && <CheckDetail result={check.data} expect={expect ?? {}} />}
    </Sheet>
  )
}
