import type { Ledger } from '@/api/types'
import { formatLag } from '@/lib/format'
import { Moment } from '@/ui/moment'
import { ledgerSteps, type Telling } from './notices'

const toCome: Record<Telling, string> = {
  nobody: 'No channel',
  coming: 'Not yet',
  told: 'Not yet',
  failed: 'Never',
  unread: 'Not known',
}

/** How long it took from the first failing check until somebody was told, or why nobody was. */
export function LedgerSteps({ ledger, telling }: { ledger: Ledger; telling: Telling }) {
  return (
    <ol className="grid gap-3 sm:grid-cols-4">
      {ledgerSteps(ledger).map(step => (
        <li key={step.word} className="border-l-2 border-line pl-3">
          <p className="text-xs text-muted">{step.word}</p>
          <p className="text-lg font-semibold">
            {step.at === undefined ? toCome[telling] : stepWord(step.after)}
          </p>
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

function stepWord(after: number | undefined): string {
  return after === undefined ? 'Start' : `+ ${formatLag(after)}`
}
