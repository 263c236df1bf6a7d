import type { Definition, Result } from '@/api/types'
import { type Verdict, verdicts } from './expectations'

/** What was expected of the answer, and what came. */
export function Expectations({ expect, result }: { expect: Definition['expect']; result: Result }) {
  const all = verdicts(expect, result)
  if (all.length === 0) return null
  return (
    <div>
      <h4 className="mb-1 font-semibold">Expectations</h4>
      <ul className="flex flex-col divide-y divide-line rounded-md border border-line">
        {all.map(verdict => (
          <li key={verdict.expectation + verdict.want} className="p-2">
            <Expectation verdict={verdict} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Expectation({ verdict: { expectation, want, got, met } }: { verdict: Verdict }) {
  return (
    <>
      <p className="flex justify-between gap-2">
        <span className="min-w-0 font-medium break-words">{expectation}</span>
        <Word met={met} />
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        <dt className="text-muted">expected</dt>
        <dd className="break-words">{want}</dd>
        {got !== '' && (
          <>
            <dt className="text-muted">actual</dt>
            <dd className="break-words">{got}</dd>
          </>
        )}
      </dl>
    </>
  )
}

function Word({ met }: Pick<Verdict, 'met'>) {
  if (met === undefined) return <span className="text-muted">– not checked</span>
  if (met) return <span className="text-up-text">✓ met</span>
  return <span className="font-medium text-down-text">✕ missed</span>
}
