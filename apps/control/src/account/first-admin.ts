import type { Accounts } from '@drover/api'
import { randomPassword } from './password'

/**
 * Makes the account `admin` when nobody could sign in yet. Returns its password if it was made up here: it is shown
 * once and kept nowhere.
 */
export async function ensureAdmin(
  accounts: Accounts,
  given: string | null,
): Promise<{ made: boolean; password: string | null }> {
  if ((await accounts.list()).length > 0) return { made: false, password: null }
  const password = given ?? randomPassword()
  const answer = await accounts.create({ name: 'admin', password, role: 'admin' })
  // Another daemon of this database was a moment faster, and has printed its own.
  if (!answer.ok) return { made: false, password: null }
  return { made: true, password: given ? null : password }
}
