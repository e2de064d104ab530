import type { Metadata } from 'next'
import { Suspense } from 'react'
import { SignInForm } from './form'

export const metadata: Metadata = { title: 'Sign in · Drover' }

export default function Page() {
  return (
    <main className="grid h-dvh place-items-center overflow-y-auto p-4">
      <Suspense>
        <SignInForm />
      </Suspense>
    </main>
  )
}
