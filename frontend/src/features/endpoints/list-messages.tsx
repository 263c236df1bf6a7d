import { Button } from '@/ui/button'
import { Message } from '@/ui/message'

/** The list when nothing is watched yet. */
export function NoEndpoints() {
  return (
    <Message title="No endpoints yet">
      <p>
        Add one to <code>monitor.yaml</code> and save the file. The monitor takes it up by itself, and the
        first result shows here within seconds.
      </p>
      <pre className="mt-4 overflow-x-auto rounded-md bg-raised p-3 text-left text-xs text-ink">
        {'endpoints:\n  - name: checkout\n    http: {url: "https://shop.example/health"}\n    interval: 10s'}
      </pre>
    </Message>
  )
}

/** The list when the filters leave nothing of it. */
export function NoMatch({ onClear }: { onClear(): void }) {
  return (
    <Message title="Nothing matches" action={<Button onClick={onClear}>Clear filters</Button>}>
      No endpoint fits the search and the filters.
    </Message>
  )
}
