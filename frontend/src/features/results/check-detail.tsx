import type { ReactNode } from 'react'
import type { Definition, Result } from '@/api/types'
import { faultSentence } from '@/lib/fault'
import { formatMicros, formatMoment } from '@/lib/format'
import { OutcomeLabel } from '@/ui/outcome-label'
import { lateFrom, lateness } from './check-log'
import { Expectations } from './expectation-list'
import { Extract } from './extract'
import { PhaseBar } from './phase-bar'

/** What one check saw. */
export function CheckDetail({ result, expect }: { result: Result; expect: Definition['expect'] }) {
  const { outcome, reason, fault, status, bytes, kind, location, start, certificate } = result
  const late = lateness(result)
  return (
    <div className="flex flex-col gap-4 text-sm">
      <div>
        <OutcomeLabel outcome={outcome} />
        {reason && <p className="mt-1 break-words whitespace-pre-wrap">{reason}</p>}
        {fault && (
          <p className="mt-1 break-words text-muted">
            {faultSentence(fault)} <code className="text-xs">{fault}</code>
          </p>
        )}
      </div>
      <PhaseBar result={result} />
      <Expectations expect={expect} result={result} />
      <Extract result={result} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Fact name="Status">{status ?? 'no answer'}</Fact>
        <Fact name="Took">{formatMicros(result.duration_us)}</Fact>
        {bytes !== undefined && <Fact name="Body">{bytes.toLocaleString()} bytes</Fact>}
        <Fact name="Started">{start ? formatMoment(Date.parse(start)) : 'never'}</Fact>
        {late !== undefined && (
          <Fact name="Late by">
            {late.toLocaleString()} ms{late >= lateFrom && ' (counts as late)'}
          </Fact>
        )}
        <Fact name="Kind">{kind}</Fact>
        <Fact name="Location">{location}</Fact>
        {certificate && <Fact name="Certificate">until {formatMoment(Date.parse(certificate))}</Fact>}
      </dl>
    </div>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  )
}
