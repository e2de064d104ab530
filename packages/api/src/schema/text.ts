import { z } from 'zod'

/** A name that people read in lists: no leading or trailing space, no control characters, 1 to 100 characters. */
export const displayName = z
  .string('must be text. Give a name.')
  .trim()
  .min(1, 'is empty. Give a name.')
  .max(100, 'has more than 100 characters. Choose a shorter name.')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'has a character that cannot be shown. Remove it.')

/** A name that also becomes a folder and a name at the hypervisor. */
export const vmName = z
  .string('must be text. Give a name.')
  .min(1, 'is empty. Give a name.')
  .max(63, 'has more than 63 characters. Choose a shorter name.')
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'may hold letters, digits, ".", "_" and "-", and begins with a letter or digit. Change the name.',
  )

export const notes = z.string('must be text.').max(10_000, 'have more than 10,000 characters. Shorten them.')

export const tags = z
  .array(
    z
      .string('must be text.')
      .trim()
      .min(1, 'is empty. Remove it or write a tag.')
      .max(50, 'has more than 50 characters. Choose a shorter tag.'),
    'must be a list of tags.',
  )
  .max(50, 'are more than 50. Remove some.')
  .transform((list) => [...new Set(list)])

/** Typed by a person to confirm that something is lost: must be the object's own name. */
export const confirmName = z.string('is missing. Type the name of the object to confirm.').max(255)
