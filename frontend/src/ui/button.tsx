import type { ComponentProps } from 'react'

/** A plain button. */
export function Button({ className = '', ...props }: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      className={`min-h-9 cursor-pointer rounded-md border border-line bg-surface px-3 text-sm font-medium hover:bg-raised ${className}`}
      {...props}
    />
  )
}
