import { Link } from '@tanstack/react-router'

/** The way on from a page that shows nothing. */
export function ToOverview() {
  return (
    <Link to="/" className="text-sm text-accent underline underline-offset-2">
      Go to the overview
    </Link>
  )
}
