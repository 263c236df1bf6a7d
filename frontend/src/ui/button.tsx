import type { ComponentProps } from 'react'

const looks = {
  plain: 'border-line bg-surface hover:bg-raised',
  primary: 'border-accent bg-accent text-on-accent',
}

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  look?: keyof typeof looks
}

/** A button; the primary one is what a form is for. */
export function Button({ look = 'plain', ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={`min-h-9 cursor-pointer rounded-md border px-3 text-sm font-medium ${looks[look]}`}
      {...props}
    />
  )
}
