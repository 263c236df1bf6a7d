import { HealthIcon } from '@/ui/health-icon'

/** Whether an incident is open, as shape, colour and word. */
export function IncidentState({ open }: { open: boolean }) {
  const look = open ? 'text-down-text' : 'text-up-text'
  return (
    <span className={`inline-flex items-center gap-2 text-sm font-medium ${look}`}>
      <HealthIcon health={open ? 'down' : 'up'} />
      {open ? 'Open' : 'Resolved'}
    </span>
  )
}
