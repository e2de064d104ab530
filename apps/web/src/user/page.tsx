import { type Role, roleAllows } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Plus, Users } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { act } from '../api/act'
import { api, queryClient, trpc } from '../api/client'
import { sayError } from '../api/errors'
import { useUser } from '../console/store'
import { Blank, Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'
import { Select } from '../ui/field'
import { ActionMenu } from '../ui/menu'
import { PageHead } from '../ui/page-head'
import { Ago } from '../ui/time'
import { AddUser, ResetPassword } from './dialogs'

export const roleMeans: Record<Role, string> = {
  auditor: 'reads everything, changes nothing',
  operator: 'acts on VMs and hosts',
  admin: 'also defines clusters, hosts and users',
}

export interface AccountRow {
  id: string
  name: string
  role: Role
  createdAt: number
}

type Open = { kind: 'add' } | { kind: 'reset' | 'remove'; account: AccountRow } | null

export function refreshUsers() {
  return queryClient.invalidateQueries(trpc.user.list.queryFilter())
}

/** Who may sign in, and as what. */
export function UsersPage() {
  const me = useUser()
  const query = useQuery(trpc.user.list.queryOptions(undefined, { enabled: roleAllows(me.role, 'admin') }))
  const [open, setOpen] = useState<Open>(null)
  if (!roleAllows(me.role, 'admin')) {
    return (
      <Blank icon={Users} title="Users are for admins">
        Your role is {me.role}. Ask an admin.
      </Blank>
    )
  }
  return (
    <>
      <PageHead icon={Users} title="Users">
        <Button look="primary" icon={Plus} onClick={() => setOpen({ kind: 'add' })}>
          Add user…
        </Button>
      </PageHead>
      <div className="min-h-0 flex-1 overflow-auto">
        {query.isPending ? (
          <Skeleton rows={4} />
        ) : query.isError ? (
          <Trouble title="The users cannot be shown" onRetry={() => void query.refetch()}>
            {sayError(query.error)}
          </Trouble>
        ) : (
          <table className="w-full" aria-label="Users">
            <thead>
              <tr className="h-8 border-b border-line-strong text-left text-sm text-text-3">
                <th className="px-4 font-medium">Name</th>
                <th className="px-2 font-medium">Role</th>
                <th className="px-2 font-medium max-md:hidden">Added</th>
                <th aria-label="Actions" />
              </tr>
            </thead>
            <tbody>
              {query.data.map((account) => (
                <UserRow key={account.id} account={account} me={account.id === me.id} onOpen={setOpen} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {open?.kind === 'add' && <AddUser onClose={() => setOpen(null)} />}
      {open?.kind === 'reset' && <ResetPassword account={open.account} onClose={() => setOpen(null)} />}
      {open?.kind === 'remove' && (
        <Confirm
          danger
          title={`Remove ${open.account.name}`}
          about={`${open.account.name} is signed out at once and may no longer sign in; their API keys end. What they did stays in the history under their name.`}
          label={`Remove ${open.account.name}`}
          type={open.account.name}
          run={async () => {
            const done = await act(`remove ${open.account.name}`, () =>
              api.user.remove.mutate({ userId: open.account.id }),
            )
            if (done) await refreshUsers()
            return done
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  )
}

function UserRow({
  account,
  me,
  onOpen,
}: {
  account: AccountRow
  me: boolean
  onOpen: (open: Open) => void
}) {
  const own = me ? ['This is you. Another admin has to do it.'] : []
  async function change(role: Role) {
    const done = await act(`change the role of ${account.name}`, () =>
      api.user.changeRole.mutate({ userId: account.id, role }),
    )
    if (done) toast.success(`${account.name} is now ${role}`, { description: 'They have to sign in again.' })
    await refreshUsers()
  }
  return (
    <tr className="h-10 border-b border-line hover:bg-hover">
      <td className="px-4 font-medium">
        {account.name} {me && <span className="font-normal text-text-3">(you)</span>}
      </td>
      <td className="px-2">
        <span className="flex items-center gap-2">
          <Select
            aria-label={`Role of ${account.name}`}
            className="h-7! w-28!"
            value={account.role}
            disabled={me}
            onChange={(event) => void change(event.target.value as Role)}
          >
            {(Object.keys(roleMeans) as Role[]).map((role) => (
              <option key={role}>{role}</option>
            ))}
          </Select>
          <span className="text-text-3 max-lg:hidden">{roleMeans[account.role]}</span>
        </span>
      </td>
      <td className="px-2 max-md:hidden">
        <Ago at={account.createdAt} />
      </td>
      <td className="px-4 text-right">
        <ActionMenu
          trigger={<Button aria-label={`Actions for ${account.name}`}>Actions</Button>}
          actions={[
            {
              id: 'reset',
              label: 'Set a new password…',
              reasons: me ? ['Change your own password under your name, top right.'] : [],
              run: () => onOpen({ kind: 'reset', account }),
            },
            {
              id: 'remove',
              label: 'Remove…',
              danger: true,
              reasons: own,
              run: () => onOpen({ kind: 'remove', account }),
            },
          ]}
        />
      </td>
    </tr>
  )
}
