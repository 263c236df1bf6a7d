import type { Result } from '@/api/types'

/** The beginning of what the server answered, as text and nothing else. */
export function Extract({ result: { extract, outcome, bytes } }: { result: Result }) {
  const answered = (outcome === 'failed' || outcome === 'degraded') && bytes !== undefined && bytes > 0
  if (!extract && !answered) return null
  return (
    <div>
      <h4 id="extract" className="mb-1 font-semibold">
        What the server said (redacted)
      </h4>
      {extract ? (
        <section
          aria-labelledby="extract"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keys
          tabIndex={0}
          className="max-h-60 overflow-y-auto rounded-md border border-line p-2"
        >
          <pre dir="auto" className="text-xs wrap-anywhere whitespace-pre-wrap">
            {extract}
          </pre>
        </section>
      ) : (
        <p className="text-muted">
          Not kept for this check. It is kept for the first checks that do not pass, and once in a while after
          them, unless the definition says <code>extract: false</code>.
        </p>
      )}
    </div>
  )
}
