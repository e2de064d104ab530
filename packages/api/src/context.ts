import type { Control } from '@drover/control'
import type { User } from '@drover/model'
import type { Accounts } from './accounts'

/** What a daemon says of itself. */
export interface About {
  version: string
  daemon: string
  /** `built in`, or the server that `DATABASE_URL` names (host and port only). */
  database: string
  startedAt: number
  demo: boolean
  /** What agents connect to; several when control daemons stand by elsewhere. */
  agentUrls: string[]
  /** Of the certificate shown to agents: the pin in the join command. Null: plain, on loopback. */
  agentFingerprint: string | null
  /** SHA-256 of that certificate's public key, in base64: by it the join command knows whom it fetches the agent from. */
  agentPublicKeyPin: string | null
}

/** Everything that a procedure may use. */
export interface ApiContext {
  control: Control
  user: User | null
  accounts: Accounts
  about: About
  /** Epoch milliseconds. */
  now(): number
  /** Where the request came from, for history. */
  sourceAddress: string
}
