import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { parseListView } from '@/features/endpoints/arrangement'
import { parseIncidentFilters } from '@/features/incidents/incident-filters'
import { Message } from '@/ui/message'
import { parseEndpointView } from './endpoint-view'
import { IncidentPage } from './incident-page'
import { IncidentsPage } from './incidents-page'
import { OverviewPage } from './overview-page'
import { Shell } from './shell'
import { strictly } from './strictly'
import { ToOverview } from './to-overview'

const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: strictly(parseListView),
  component: Overview,
})

function Overview() {
  const view = overview.useSearch()
  const navigate = overview.useNavigate()
  return (
    <OverviewPage
      view={view}
      onView={(next, replace) => void navigate({ search: next, replace, resetScroll: false })}
    />
  )
}

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  validateSearch: strictly(parseIncidentFilters),
  component: Incidents,
})

function Incidents() {
  const filters = incidents.useSearch()
  const navigate = incidents.useNavigate()
  return (
    <IncidentsPage filters={filters} onFilters={search => void navigate({ search, resetScroll: false })} />
  )
}

const incident = createRoute({ getParentRoute: () => root, path: '/incidents/$id', component: Incident })

function Incident() {
  const { id } = incident.useParams()
  return <IncidentPage key={id} id={id} />
}

const EndpointPage = lazyRouteComponent(() => import('./endpoint-page'), 'EndpointPage')

const endpoint = createRoute({
  getParentRoute: () => root,
  path: '/endpoints/$namespace/$id',
  validateSearch: strictly(parseEndpointView),
  component: Endpoint,
})

function Endpoint() {
  const { namespace, id } = endpoint.useParams()
  const view = endpoint.useSearch()
  const navigate = endpoint.useNavigate()
  return (
    <EndpointPage
      key={`${namespace}/${id}`}
      namespace={namespace}
      id={id}
      view={view}
      onView={(search, replace = false) => void navigate({ search, replace, resetScroll: false })}
    />
  )
}

function NoSuchPage() {
  return (
    <Message title="There is no such page" action={<ToOverview />}>
      The address may have been mistyped.
    </Message>
  )
}

/** Makes the router. Search parts stay plain text: ?q=404 is the text 404. */
export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([overview, endpoint, incidents, incident]),
    parseSearch: text => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: search => {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
      const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
      return text === '' ? '' : `?${text}`
    },
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
