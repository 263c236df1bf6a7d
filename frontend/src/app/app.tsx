import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { createAppRouter } from './router'
import { type Services, ServicesProvider } from './services'

/** The whole dashboard. */
export function App({ services }: { services: Services }) {
  const [router] = useState(createAppRouter)
  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={services.queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ServicesProvider>
  )
}
