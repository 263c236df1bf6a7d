import type { QueryClient, QueryFilters } from '@tanstack/react-query'

/**
 * Has what pages show asked for once more; all of it where no filters are
 * given. An answer that is on its way for the first time may be older than the
 * news, so that it is shown, and then asked for again.
 */
export function askAgain(client: QueryClient, filters: QueryFilters = {}) {
  const onTheWay = client
    .getQueryCache()
    .findAll(filters)
    .filter(({ state }) => state.data === undefined && state.fetchStatus === 'fetching')
  void client.invalidateQueries(filters)
  for (const query of onTheWay) {
    const again = () =>
      client.invalidateQueries({ queryKey: query.queryKey, exact: true }, { cancelRefetch: false })
    void query.promise?.then(again, () => {}) // after a fault it asks by itself
  }
}
