import './styles/mantine.css'
import './styles/ground.css'
import './styles/pages.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/call.ts'
import { sessionQuery } from './api/queries.ts'
import { startWords } from './i18n.ts'
import { router } from './router.tsx'
import { theme } from './theme.ts'

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      // The session has ended elsewhere or by time: ask who is signed in, and the sign-in page shows.
      if (error instanceof ApiError && error.status === 401)
        void queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (times, error) => times < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

await startWords(navigator.language.startsWith('fr') ? 'fr' : 'en')
const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={3} />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  )
