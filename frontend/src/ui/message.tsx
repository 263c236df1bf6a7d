import type { ReactNode } from 'react'

/** What stands in place of content: what is the matter, and the next step. */
export function Message({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-center gap-3 px-4 py-16 text-center">
      <h2 className="text-lg font-semibold">{title}</h2>
      <div className="text-sm text-muted">{children}</div>
      {action && <div>{action}</div>}
    </div>
  )
}
