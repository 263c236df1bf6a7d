import type { Definition, EndpointSummary, Result, Series, SeriesCell } from '../src/api/types'

const minute = 60_000

/** What a fake endpoint has behind it: a check each 10 s, failing for two minutes half an hour ago. */
export class FakeHistory {
  /** Since when there are checks, in Unix milliseconds. */
  readonly since: number
  /** When this history was made: the newest check is older. */
  readonly now: number
  /** Results that a test has added, newest first. */
  readonly added: Result[] = []
  /** The outage, in Unix milliseconds: the first failing check, and the first good one after it. */
  readonly outage: { from: number; to: number }

  constructor(now: number, length = 90 * minute) {
    this.now = Math.floor(now / 10_000) * 10_000
    this.since = this.now - length
    const from = Math.floor((this.now - 32 * minute) / minute) * minute
    this.outage = { from, to: from + 2 * minute }
  }

  results(query: URLSearchParams): { items: Result[]; next?: string } {
    const from = Number(query.get('from'))
    const to = Number(query.get('cursor') ?? query.get('to'))
    const limit = Number(query.get('limit'))
    const items = [...this.added, ...this.#checks(from, to)].filter(
      item => inside(item, from, to) && (!query.get('outcome') || item.outcome === query.get('outcome')),
    )
    const page = items.slice(0, limit)
    const last = page.at(-1)
    return items.length > limit && last
      ? { items: page, next: String(Date.parse(last.due)) }
      : { items: page }
  }

  series(query: URLSearchParams): Series {
    const asked = { from: Number(query.get('from')), to: Number(query.get('to')) }
    const width =
      [1, 5, 10, 30, 60, 360, 1_440].find(m => (asked.to - asked.from) / (m * minute) <= 300) ?? 1_440
    const step = width * minute
    const from = Math.floor(asked.from / step) * step
    const to = Math.ceil(asked.to / step) * step
    const cells: SeriesCell[] = []
    for (let start = from; start < to; start += step) {
      const cell = this.#cell(start, start + step)
      if (cell) cells.push(cell)
    }
    const sum = (name: 'passed' | 'failed' | 'late') => cells.reduce((all, cell) => all + cell[name], 0)
    const [passed, failed] = [sum('passed'), sum('failed')]
    return {
      tier: 'minute',
      cell_seconds: width * 60,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      cells,
      summary: {
        passed,
        degraded: 0,
        failed,
        unknown: 3,
        late: sum('late'),
        ...(passed + failed > 0 && { uptime: passed / (passed + failed) }),
        ...(passed > 0 && { p50_us: 24_000, p95_us: 61_000, p99_us: 118_000 }),
      },
    }
  }

  #cell(from: number, to: number): SeriesCell | undefined {
    const checks = this.#checks(from, to)
    if (checks.length === 0) return undefined
    const failed = checks.filter(check => check.outcome === 'failed').length
    const wave = 1 + Math.sin(from / 400_000) / 3 + ((from / minute) % 7) / 20
    return {
      start: new Date(from).toISOString(),
      passed: checks.length - failed,
      degraded: 0,
      failed,
      unknown: 0,
      late: from % (20 * minute) === 0 ? 1 : 0,
      ...(failed < checks.length && {
        p50_us: 24_000 * wave,
        p95_us: 61_000 * wave,
        p99_us: 98_000 * wave * wave,
      }),
    }
  }

  // A quarter of an hour lies without checks: a gap.
  #checks(from: number, to: number): Result[] {
    const all: Result[] = []
    for (let due = Math.min(this.now, Math.ceil(to / 10_000) * 10_000) - 10_000; due >= from; due -= 10_000) {
      if (due < this.since) break
      if (due >= this.now - 60 * minute && due < this.now - 50 * minute) continue
      all.push(this.#check(due))
    }
    return all
  }

  #check(due: number): Result {
    const failed = due >= this.outage.from && due < this.outage.to
    const common = { location: 'local', kind: 'scheduled' as const, due: new Date(due).toISOString() }
    const start = new Date(due + (due % 70_000 === 0 ? 72 : 2)).toISOString()
    if (failed) return { ...common, start, outcome: 'failed', duration_us: 31_000, ...broken }
    const fresh = due % minute === 0 && { dns_us: 2_100, connect_us: 4_300, tls_us: 9_800 }
    const phases = { first_byte_us: 17_000, transfer_us: 1_900, ...fresh }
    return { ...common, start, outcome: 'passed', duration_us: 35_400, status: 200, bytes: 2_113, ...phases }
  }
}

function inside({ due }: Result, from: number, to: number): boolean {
  return Date.parse(due) >= from && Date.parse(due) < to
}

/** The extract of an answer with what a careless page would run. */
export const hostile = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>'

const broken = {
  status: 500,
  bytes: 98,
  first_byte_us: 29_000,
  transfer_us: 1_200,
  fault: 'expectation',
  reason: 'status must be 200-299, got 500',
  unmet: [
    { expectation: 'status', want: '200-299', got: '500' },
    { expectation: 'json.status', want: '"ok"', got: hostile },
  ],
}

/** The definition behind an endpoint of the list. */
export function definitionOf({ namespace, id, name, url, interval }: EndpointSummary): Definition {
  return {
    namespace,
    id,
    name,
    interval,
    timeout: '5s',
    http: { method: 'GET', url, redirects: 0 },
    expect: { status: ['200-299'], latency: '200ms', json: { status: 'ok' } },
    alert: { after: 2, recover: 2 },
    revision: 1,
  }
}
