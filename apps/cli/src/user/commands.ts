import type { Account } from '@drover/api'
import type { Role } from '@drover/model'
import { type Command, Option } from 'commander'
import { type Context, runs } from '../context'
import { sayTime } from '../output/quantity'
import { pick } from '../resolve'
import { askSecret } from '../session/ask'

const roles = ['auditor', 'operator', 'admin']

async function findUser({ api }: Context, given: string): Promise<Account> {
  return pick(await api.user.list.query(), given, 'user')
}

/** `drover user …`: who may sign in, for admins. */
export function userCommands(program: Command): void {
  const user = program.command('user').description('who may sign in')

  user
    .command('list')
    .description('everybody')
    .action(
      runs(async ({ api, out }) => {
        out.rows(
          await api.user.list.query(),
          [
            { title: 'name', of: (row) => row.name },
            { title: 'role', of: (row) => row.role },
            { title: 'since', of: (row) => sayTime(row.createdAt) },
          ],
          'There is nobody.',
        )
      }),
    )

  user
    .command('create')
    .description('somebody new; the password is asked for, or read from stdin')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).default('auditor'))
    .action(
      runs<[string], { role: Role }>(async ({ api, out }, { role }, name) => {
        const account = await api.user.create.mutate({ name, role, password: await askSecret('Password: ') })
        out.say(`${account.name} may sign in as ${account.role}.`, account)
      }),
    )

  user
    .command('role')
    .description('what somebody may do; they have to sign in again')
    .argument('<user>')
    .argument('<role>', roles.join(', '))
    .action(
      runs<[string, Role]>(async (context, _options, given, role) => {
        const { id } = await findUser(context, given)
        const account = await context.api.user.changeRole.mutate({ userId: id, role })
        context.out.say(`${account.name} is ${account.role} now.`, account)
      }),
    )

  user
    .command('reset-password')
    .description('a new password for somebody; asked for, or read from stdin')
    .argument('<user>')
    .action(
      runs<[string]>(async (context, _options, given) => {
        const { id } = await findUser(context, given)
        const account = await context.api.user.resetPassword.mutate({
          userId: id,
          password: await askSecret('New password: '),
        })
        context.out.say(`${account.name} has a new password and has to sign in again.`, account)
      }),
    )

  user
    .command('remove')
    .description('somebody may no longer sign in')
    .argument('<user>')
    .action(
      runs<[string]>(async (context, _options, given) => {
        const { id } = await findUser(context, given)
        const account = await context.api.user.remove.mutate({ userId: id })
        context.out.say(`${account.name} may no longer sign in.`, account)
      }),
    )
}
