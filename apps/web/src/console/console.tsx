'use client'

import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { Toaster } from 'sonner'
import { queryClient } from '../api/client'
import { Skeleton, Trouble } from '../ui/blank'
import { TipProvider } from '../ui/tooltip'
import { Frame } from './frame'
import { useSession } from './session'
import { useConsole } from './store'
import { useTheme } from './theme'

/** The whole dashboard behind the sign-in. */
export function Console() {
  return (
    <QueryClientProvider client={queryClient}>
      <TipProvider delayDuration={250} skipDelayDuration={100}>
        <SignedIn>
          <Frame />
        </SignedIn>
        <Toasts />
      </TipProvider>
    </QueryClientProvider>
  )
}

function SignedIn({ children }: { children: ReactNode }) {
  const { ready, trouble, retry } = useSession()
  useEffect(() => {
    document.title = 'Drover'
  }, [])
  if (ready) return children
  return (
    <div className="mx-auto max-w-3xl pt-12">
      {trouble ? (
        <Trouble title="The inventory cannot be shown yet" onRetry={retry}>
          {trouble}
        </Trouble>
      ) : (
        <Skeleton rows={14} />
      )}
    </div>
  )
}

function Toasts() {
  const [theme] = useTheme()
  const { dockOpen, dockHeight } = useConsole()
  return (
    <Toaster
      theme={theme}
      position="bottom-right"
      offset={{ bottom: dockOpen ? dockHeight + 8 : 48, right: 16 }}
      mobileOffset={{ bottom: 48 }}
      closeButton
      toastOptions={{
        style: {
          background: 'var(--raised)',
          color: 'var(--text)',
          borderColor: 'var(--line-strong)',
          borderRadius: 6,
          fontFamily: 'inherit',
          fontSize: 13,
        },
        descriptionClassName: 'text-text-2!',
      }}
    />
  )
}
