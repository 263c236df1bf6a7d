import { useEffect, useState } from 'react'
import { Button } from './button'

interface CopyButtonProps {
  /** What the button is called before it was pressed. */
  children: string
  text(): string
}

/** Copies a text, and says whether that worked. */
export function CopyButton({ children, text }: CopyButtonProps) {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 3_000)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => setSaid((await copied(text())) ? 'Copied' : 'Not allowed here')
  return (
    <Button onClick={() => void copy()}>
      <span aria-live="polite">{said || children}</span>
    </Button>
  )
}

// Browsers have a clipboard on secure origins only, and may refuse it there.
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
