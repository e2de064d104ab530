import type { Refusal, Role, User } from '@drover/model'

export interface Account {
  id: string
  /** What the person signs in with. */
  name: string
  role: Role
  createdAt: number
}

/** A key for programs such as `drover`; it acts as its owner. The secret itself is shown once and never kept. */
export interface ApiKey {
  id: string
  name: string
  /** The first characters of the secret, to tell keys apart. */
  start: string | null
  createdAt: number
  lastUsedAt: number | null
  expiresAt: number | null
}

/** What became of a change to the accounts. */
export type AccountAnswer<T> = { ok: true; value: T } | { ok: false; refusals: Refusal[] }

/** People and their keys, as the API needs them. The daemon keeps them; passwords and secrets never come back out. */
export interface Accounts {
  list(): Promise<Account[]>
  create(input: { name: string; password: string; role: Role }): Promise<AccountAnswer<Account>>
  /** Their sessions end at once. */
  changeRole(userId: string, role: Role): Promise<AccountAnswer<Account>>
  /** Their sessions end at once. */
  resetPassword(userId: string, password: string): Promise<AccountAnswer<Account>>
  remove(userId: string): Promise<AccountAnswer<Account>>
  changePassword(user: User, current: string, next: string): Promise<AccountAnswer<Account>>
  createKey(
    user: User,
    input: { name: string; expiresInMs: number | null },
  ): Promise<AccountAnswer<ApiKey & { secret: string }>>
  listKeys(user: User): Promise<ApiKey[]>
  revokeKey(user: User, keyId: string): Promise<AccountAnswer<ApiKey>>
}
