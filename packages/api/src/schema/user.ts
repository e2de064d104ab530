import { z } from 'zod'

export const role = z.enum(
  ['auditor', 'operator', 'admin'],
  'must be auditor, operator or admin. Choose one of them.',
)

export const userName = z
  .string('must be text. Give a name to sign in with.')
  .trim()
  .toLowerCase()
  .min(2, 'has fewer than 2 characters. Choose a longer name.')
  .max(50, 'has more than 50 characters. Choose a shorter name.')
  .regex(
    /^[a-z0-9][a-z0-9._@-]*$/,
    'may hold letters, digits, ".", "_", "-" and "@", and begins with a letter or digit. Change the name.',
  )

export const password = z
  .string('must be text. Give a password.')
  .min(10, 'has fewer than 10 characters. Choose a longer one.')
  .max(200, 'has more than 200 characters. Choose a shorter one.')

/** Of accounts and keys; made by the account store, so only its length is known. */
export const opaqueId = z.string('is missing.').min(1, 'is missing.').max(100, 'is not an id.')
