import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const schema = z.object({
  server: z.string(),
  token: z.string(),
  user: z.string().nullable().default(null),
  /** Of the API key that signing in made, so that signing out can end it. */
  keyId: z.string().nullable().default(null),
})

export type Credentials = z.infer<typeof schema>

function directory(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'drover')
}

/** Where the sign-in is kept, readable by its owner only. */
export function credentialsPath(): string {
  return join(directory(), 'credentials.json')
}

/** What `drover login` left, or null. */
export function readCredentials(): Credentials | null {
  try {
    return schema.parse(JSON.parse(readFileSync(credentialsPath(), 'utf8')))
  } catch {
    return null
  }
}

export function writeCredentials(credentials: Credentials): void {
  mkdirSync(directory(), { recursive: true, mode: 0o700 })
  writeFileSync(credentialsPath(), `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  chmodSync(credentialsPath(), 0o600) // the mode above counts for new files only
}

export function removeCredentials(): void {
  rmSync(credentialsPath(), { force: true })
}
