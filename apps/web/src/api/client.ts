import type { AppRouter } from '@drover/api'
import { QueryClient } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import { isRefused } from './errors'

/** `fetch`, except that the proxy's "nobody leads" becomes an error with its own words. */
async function ask(input: RequestInfo | URL | string, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  if (response.status !== 503) return response
  const body = (await response.clone().json()) as { message?: unknown }
  if (typeof body.message === 'string') throw new Error(body.message)
  return response
}

const link = { url: '/api/trpc', fetch: ask as typeof fetch }

const addressLimit = 4_000

/** Whether what is asked, by itself, is too long for an address; drafts of many rules are. */
const long = (input: unknown): boolean =>
  encodeURIComponent(JSON.stringify(input) ?? '').length > addressLimit - 500

/** The API, from the browser. Changes and what is large go alone; small questions share a request. */
export const api = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type, input }) => type === 'query' && long(input),
      true: httpLink({ ...link, methodOverride: 'POST' }),
      false: splitLink({
        condition: ({ type, path }) => type === 'mutation' || path === 'inventory.snapshot',
        true: httpLink(link),
        false: httpBatchLink({ ...link, maxURLLength: addressLimit }),
      }),
    }),
  ],
})

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 1 && !isRefused(error),
      staleTime: 5_000,
      refetchOnWindowFocus: false,
    },
  },
})

/** The API as options for `useQuery` and `useMutation`. */
export const trpc = createTRPCOptionsProxy<AppRouter>({ client: api, queryClient })
