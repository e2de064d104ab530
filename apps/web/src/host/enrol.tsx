import { type ClusterId, sayDuration } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster } from '../replica/look'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { now, useTimed } from '../ui/clock'
import { Command } from '../ui/copy'
import { Dialog } from '../ui/dialog'
import { Mark } from '../ui/state'

/** One command to run on the machine; waits until the host is here. */
export function EnrolHost({ clusterId }: { clusterId: ClusterId }) {
  const cluster = useRow('cluster', clusterId)
  const tables = useTables()
  const [round, setRound] = useState(0)
  const [openedAt, setOpenedAt] = useState(now)
  const [session] = useState(() => Math.random())
  const token = useQuery({
    queryKey: ['join token', clusterId, session, round],
    queryFn: () => api.host.createJoinToken.mutate({ clusterId }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  const joined = (hostsByCluster(tables).get(clusterId) ?? []).filter((host) => host.enrolledAt >= openedAt)
  const latest = joined.at(-1)
  return (
    <Dialog
      wide
      title={`Add a host to ${cluster?.name ?? 'the cluster'}`}
      about="Run this once on the machine, as root. It needs Node 20 or newer and libvirt; VMs that already run there are taken in as they are."
      onClose={closeDialog}
      footer={
        <>
          {latest && (
            <Button
              onClick={() => {
                setOpenedAt(now())
                setRound(round + 1)
              }}
            >
              Add another
            </Button>
          )}
          <Button look={latest ? 'primary' : 'plain'} onClick={closeDialog}>
            {latest ? 'Done' : 'Close'}
          </Button>
        </>
      }
    >
      {token.isPending ? (
        <Skeleton rows={2} />
      ) : token.isError ? (
        <Trouble title="No command could be made" onRetry={() => void token.refetch()}>
          {sayError(token.error)}
        </Trouble>
      ) : (
        <div className="grid gap-3">
          <Command text={token.data.command} label="Copy the command" />
          <p className="text-sm text-text-3">
            Good for one host, <Left at={token.data.expiresAt} />. Who has this command can join: pass it on
            with care.
          </p>
          <div role="status" className="grid gap-1">
            {joined.map((host) => (
              <p key={host.id} className="flex items-center gap-2">
                <Mark tone="ok" />{' '}
                <Link href={paths.object(host.id)} onClick={closeDialog}>
                  {host.name}
                </Link>{' '}
                joined
                {host.facts ? '' : '; its agent reports what it has…'}
              </p>
            ))}
            {!latest && (
              <p className="flex items-center gap-2 text-text-2">
                <Mark tone="working" /> Waiting for the host to call in. You may close this; it will show up
                in the inventory.
              </p>
            )}
          </div>
        </div>
      )}
    </Dialog>
  )
}

function Left({ at }: { at: number }) {
  const text = useTimed((time) =>
    at > time
      ? `for another ${sayDuration(Math.ceil((at - time) / 60_000) * 60_000)}`
      : 'but expired: close this and make a new one',
  )
  return <>{text}</>
}
