import { accept } from '@drover/engine'
import type { EventBody, User } from '@drover/model'
import { commit } from '../act'
import type { ApiContext } from '../context'

/** Puts a change of the accounts into history. Accounts are no rows of the world, so the event carries none. */
export async function record(ctx: ApiContext & { user: User }, body: EventBody): Promise<void> {
  await commit(ctx, (_world, { initiator }) => accept([{ body, initiator, rows: [] }], null))
}
