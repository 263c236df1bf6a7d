import { Button } from './button'
import { Message } from './message'

/** A failure in place of content: what the server said, and a way to try again. */
export function ErrorMessage({ title, error, onRetry }: { title: string; error: string; onRetry(): void }) {
  return (
    <div role="alert">
      <Message title={title} action={<Button onClick={onRetry}>Try again</Button>}>
        {error}
        <p className="mt-1">The page asks again every 10 s by itself.</p>
      </Message>
    </div>
  )
}
