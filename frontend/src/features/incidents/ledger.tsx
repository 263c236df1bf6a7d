import type { Ledger } from '@/api/types'
import { formatLag } from '@/lib/format'
import { Moment } from '@/ui/moment'
import { ledgerSteps } from './notices'

/** How long it took from the first failing check until somebody was told. */
export function LedgerSteps({ ledger }: { ledger: Ledger }) {
  return (
    <ol className="grid gap-3 sm:grid-cols-4">
      {ledgerSteps(ledger).map(step => (
        <li key={step.word} className="border-l-2 border-line pl-3">
          <p className="text-xs text-muted">{step.word}</p>
          <p className="text-lg font-semibold">{stepWord(step.at, step.after)}</p>
          {step.at !== undefined && (
            <p className="text-xs text-muted">
              <Moment at={step.at} />
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}

function stepWord(at: string | undefined, after: number | undefined): string {
  if (at === undefined) return 'Not yet'
  return after === undefined ? 'Start' : `+ ${formatLag(after)}`
}
