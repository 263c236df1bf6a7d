import { useEffect, useState } from 'react'

/** After how long an answer counts as slow, in milliseconds. */
export const patience = 5_000

/** Says, after some seconds, that the monitor is slow to answer; nothing before. */
export function SlowNote() {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), patience)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p role="status" className="px-3 py-2 text-sm text-degraded-text empty:hidden">
      {slow && 'The monitor is slow to answer. Still waiting.'}
    </p>
  )
}
