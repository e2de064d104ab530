import { usernameClient } from 'better-auth/client/plugins'
import { createAuthClient } from 'better-auth/react'
import { paths } from '../paths'

const auth = createAuthClient({ plugins: [usernameClient()] })

export type SignInAnswer = { ok: true } | { ok: false; sentence: string }

/** Signs in by name and password. Every refusal comes as a sentence that says what to do. */
export async function signIn(username: string, password: string): Promise<SignInAnswer> {
  try {
    const { error } = await auth.signIn.username({ username, password })
    return error ? { ok: false, sentence: sentenceFor(error) } : { ok: true }
  } catch {
    return {
      ok: false,
      sentence: 'The dashboard’s server does not answer. Check the line to it and try again.',
    }
  }
}

function sentenceFor(error: { status: number; message?: string }): string {
  if (error.status === 429) {
    return 'Too many attempts. Wait a minute, then try again; the right password works then, too.'
  }
  if (error.status === 401 || error.status === 400 || error.status === 422) {
    return 'Name and password do not belong together. Check both; an admin can set a new password.'
  }
  if (error.status === 503) return error.message ?? 'No control daemon is leading. Try again in a moment.'
  return error.message
    ? `Drover could not sign you in: ${error.message}`
    : 'Drover could not sign you in. The log of the control daemon says why; try again.'
}

/** Ends the session, then shows the sign-in page. */
export async function signOut(): Promise<void> {
  await auth.signOut().catch(() => undefined)
  location.assign(paths.signIn())
}
