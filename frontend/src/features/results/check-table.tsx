import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { Result } from '@/api/types'
import { formatMicros, formatMoment, formatSpan, formatTime } from '@/lib/format'
import { OutcomeLabel } from '@/ui/outcome-label'
import { checkId, lateFrom, lateness } from './check-log'

/** The checks of a log, newest first. Each row opens its check. */
export function CheckTable({ items, chosen }: { items: readonly Result[]; chosen: number | undefined }) {
  return (
    <table className="w-full table-fixed border-collapse text-sm">
      <caption className="sr-only">Checks, newest first</caption>
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <Head width="w-24 sm:w-28">Due</Head>
          <Head width="sm:w-28">Outcome</Head>
          <Head width="w-16 max-sm:hidden">Status</Head>
          <Head width="w-20 text-right">Took</Head>
          <Head width="w-20 text-right max-sm:hidden">Late by</Head>
          <Head width="pl-4 max-sm:hidden">Reason</Head>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <CheckRow key={checkId(item)} item={item} chosen={Date.parse(item.due) === chosen} />
        ))}
      </tbody>
    </table>
  )
}

function Head({ width, children }: { width: string; children: string }) {
  return (
    <th scope="col" className={`py-2 font-medium ${width}`}>
      {children}
    </th>
  )
}

const CheckRow = memo(function CheckRow({ item, chosen }: { item: Result; chosen: boolean }) {
  const due = Date.parse(item.due)
  const late = lateness(item)
  return (
    <tr className={`relative h-10 border-b border-line hover:bg-raised sm:h-9 ${chosen ? 'bg-raised' : ''}`}>
      <td>
        <Link
          to="."
          search={previous => ({ ...previous, check: due })}
          resetScroll={false}
          data-check={due}
          {...(chosen && { 'aria-current': 'true' as const })}
          title={formatMoment(due)}
          className="after:absolute after:inset-0"
        >
          <time dateTime={item.due}>{formatTime(due)}</time>
        </Link>
      </td>
      <td className="max-sm:py-1">
        <OutcomeLabel outcome={item.outcome} />
        {item.reason && <p className="truncate text-xs text-muted sm:hidden">{item.reason}</p>}
      </td>
      <td className="max-sm:hidden">{item.status ?? '–'}</td>
      <td className="text-right">{formatMicros(item.duration_us)}</td>
      <td
        className={`text-right max-sm:hidden ${(late ?? 0) >= lateFrom ? 'text-degraded-text' : 'text-muted'}`}
      >
        {late === undefined ? '–' : late >= 1_000 ? formatSpan(late) : `${late} ms`}
      </td>
      <td className="truncate pl-4 text-muted max-sm:hidden" title={item.reason}>
        {item.reason}
        {item.kind !== 'scheduled' && ` (${item.kind})`}
      </td>
    </tr>
  )
})
