import type { ReactNode } from 'react'
import type { EndpointDetail } from '@/api/types'
import { useNow } from '@/lib/clock'
import { formatMoment, formatSpan } from '@/lib/format'
import { parseSpan } from '@/lib/span'
import { Age } from '@/ui/age'
import { CopyButton } from '@/ui/copy-button'
import { HealthLabel } from '@/ui/health-label'
import { curlCommand } from './curl'

/** What an endpoint is and how it is now. */
export function EndpointHeader({ endpoint }: { endpoint: EndpointDetail }) {
  const { health, name, namespace, url, reason, since } = endpoint
  return (
    <header className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <p className="flex flex-wrap items-center gap-x-2 text-sm">
          <HealthLabel health={health} />
          {since && <Since moment={since} />}
        </p>
        <h2 className="mt-1 text-xl font-semibold break-words">
          <bdi>{name}</bdi>
        </h2>
        {health !== 'up' && reason && <p className="text-sm break-words">{reason}</p>}
        <p className="text-sm break-all text-muted">
          {namespace} · {url}
        </p>
        <Checks endpoint={endpoint} />
      </div>
      <div className="flex gap-2">
        <CopyButton text={() => window.location.href}>Copy link</CopyButton>
        <CopyButton text={() => curlCommand(endpoint.definition)}>Copy curl</CopyButton>
      </div>
    </header>
  )
}

function Since({ moment }: { moment: string }) {
  const at = Date.parse(moment)
  return (
    <span className="text-muted">
      for{' '}
      <time dateTime={moment} title={`since ${formatMoment(at)}`}>
        {formatSpan(useNow() - at)}
      </time>
    </span>
  )
}

function Checks({ endpoint }: { endpoint: EndpointDetail }) {
  const { interval, effective_interval: slower, last } = endpoint
  return (
    <p className="text-sm text-muted">
      every {slower ? `${slower} instead of ${interval}, since it has been down for long` : interval}
      {last ? (
        <>
          {' '}
          · last check <Age moment={last.due} /> · next <Next due={last.due} interval={slower ?? interval} />
        </>
      ) : (
        ' · not checked yet'
      )}
    </p>
  )
}

function Next({ due, interval }: { due: string; interval: string }): ReactNode {
  const wait = Date.parse(due) + (parseSpan(interval) ?? 0) - useNow()
  return wait < 1_000 ? 'now' : `in ${formatSpan(wait)}`
}
