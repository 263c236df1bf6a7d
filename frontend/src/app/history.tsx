import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { errorMessage } from '@/api/problem'
import { useSteadyError } from '@/api/steady-error'
import type { Incident, Series } from '@/api/types'
import { FigureTiles } from '@/features/history/figure-tiles'
import { HistoryBar } from '@/features/history/history-bar'
import { type EndpointPath, endpointIncidentsQuery, seriesQuery } from '@/features/history/history-queries'
import { LatencyPanel } from '@/features/history/latency-panel'
import { fixedRange, isMoving, type Span, type TimeRange } from '@/features/history/range'
import { RangeIncidents } from '@/features/history/range-incidents'
import { formatTime } from '@/lib/format'
import type { Refetch } from '@/lib/refetch'
import { Button } from '@/ui/button'
import { ErrorBanner } from '@/ui/error-banner'
import { Panel } from '@/ui/panel'
import { useServices } from './services'

interface HistoryProps {
  path: EndpointPath
  range: TimeRange
  latency: string | undefined
  refetchInterval: Refetch
  /** Shows another range; failed says that what failed in it is wanted. */
  onRange(range: TimeRange, failed: boolean): void
}

const none: readonly Incident[] = []

/** The range in figures, as a bar and as a chart, with its incidents. */
export function History({ path, range, latency, refetchInterval, onRange }: HistoryProps) {
  const { api } = useServices()
  const series = useQuery({
    ...seriesQuery(api, path, range),
    refetchInterval,
    placeholderData: keepPreviousData,
  })
  const incidents = useQuery({ ...endpointIncidentsQuery(api, path), refetchInterval })
  const { zoom, unzoom } = useZoom(range, onRange)
  const { data, dataUpdatedAt, refetch } = series
  const fault = useSteadyError(series)
  return (
    <>
      {fault !== null && (
        <ErrorBanner
          message={`History: ${errorMessage(fault)}`}
          at={dataUpdatedAt}
          onRetry={() => void refetch()}
        />
      )}
      <FigureTiles figures={data?.summary} />
      {!data && fault === null && <div aria-hidden="true" className="h-80 rounded-lg bg-raised" />}
      {data && data.cells.length === 0 && <NoHistory range={range} onRange={onRange} />}
      {data && data.cells.length > 0 && (
        <>
          <Panel title="History" aside={<AsOf moment={dataUpdatedAt} />}>
            <HistoryBar
              key={JSON.stringify(range)}
              series={data}
              onBucket={(span, worst) => zoom(span, worst === 'f')}
            />
          </Panel>
          <LatencyPanel
            series={data}
            incidents={incidents.data ?? none}
            latency={latency}
            onZoom={span => zoom(span, false)}
            onUnzoom={unzoom}
          />
        </>
      )}
      {data && <RangeIncidents incidents={incidents.data ?? none} within={withinOf(data)} />}
    </>
  )
}

function withinOf({ from, to }: Series): Span {
  return { from: Date.parse(from), to: Date.parse(to) }
}

function AsOf({ moment }: { moment: number }) {
  return moment > 0 && <p className="text-xs text-muted">as of {formatTime(moment)}</p>
}

function NoHistory({ range, onRange }: Pick<HistoryProps, 'range' | 'onRange'>) {
  return (
    <Panel title="History">
      <div className="flex flex-col items-center gap-3 py-8 text-sm text-muted">
        <p>No check was made in this range.</p>
        {range.range !== '90d' && (
          <Button onClick={() => onRange({ range: '90d' }, false)}>Show 90 days</Button>
        )}
      </div>
    </Panel>
  )
}

// Undoing a zoom leads to the range before it, or, on a page that was opened
// zoomed in, to the default.
function useZoom(range: TimeRange, onRange: HistoryProps['onRange']) {
  const before = useRef<TimeRange[]>([])
  return {
    zoom(span: Span, failed: boolean) {
      before.current.push(range)
      onRange(fixedRange(span), failed)
    },
    unzoom() {
      const last = before.current.pop()
      if (last || !isMoving(range)) onRange(last ?? {}, false)
    },
  }
}
