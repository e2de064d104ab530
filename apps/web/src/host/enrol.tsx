import { type ClusterId, type Host, type Image, sayCount, sayDuration } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog, openDialog } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
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
  const first = tables.vm.size === 0
  const ready = first && latest !== undefined && imagesOn(latest, tables).length > 0
  return (
    <Dialog
      wide
      title={`Add a host to ${cluster?.name ?? 'the cluster'}`}
      about={
        latest
          ? undefined
          : 'Paste this into a shell on the machine; the host shows up here as soon as it calls in.'
      }
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
          <Button look={latest && !ready ? 'primary' : 'plain'} onClick={closeDialog}>
            {latest ? 'Done' : 'Close'}
          </Button>
          {ready && (
            <Button look="primary" onClick={() => openDialog({ kind: 'create vm', clusterId })}>
              New VM…
            </Button>
          )}
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
          {!latest && (
            <>
              <Command text={token.data.command} label="Copy the command" />
              <p className="text-sm text-text-3">
                Good for one host, <Left at={token.data.expiresAt} />. Who has this command can join: pass it
                on with care.
              </p>
              <WhatItIs cluster={cluster?.name ?? 'the cluster'} />
            </>
          )}
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
            {latest && first && <FirstImage host={latest} images={imagesOn(latest, tables)} />}
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

/** What the command does to the machine, and what it wants there. */
function WhatItIs({ cluster }: { cluster: string }) {
  return (
    <div className="grid gap-x-6 gap-y-3 text-text-2 md:grid-cols-2">
      <section className="grid content-start gap-1">
        <h3 className="font-medium text-text">What it does</h3>
        <ul className="grid list-disc gap-1 pl-4">
          <li>Fetches the agent, one file, from this Drover and from no other.</li>
          <li>
            Makes the machine a host of {cluster}, with a key of its own. VMs that already run there are taken
            in as they are.
          </li>
          <li>
            Keeps disks in <code className="num">/var/lib/libvirt/images</code>; add{' '}
            <code className="num">--datastore name=/path</code> for another place.
          </li>
          <li>
            Runs the agent until Ctrl-C.{' '}
            <code className="num whitespace-nowrap">node drover-agent.mjs service --install</code> has systemd
            run it from then on.
          </li>
        </ul>
      </section>
      <section className="grid content-start gap-1">
        <h3 className="font-medium text-text">What the machine needs</h3>
        <ul className="grid list-disc gap-1 pl-4">
          <li>Node.js 20 or newer, and curl.</li>
          <li>libvirt with QEMU. What is missing is named, with the command that installs it.</li>
          <li>Root: it asks sudo when you are somebody else.</li>
          <li>A way to the address in the command. Nothing has to reach the machine from here.</li>
        </ul>
      </section>
    </div>
  )
}

/** From the first host on to the first VM: that takes an image. */
function FirstImage({ host, images }: { host: Host; images: Image[] }) {
  if (images.length > 0)
    return (
      <p className="flex items-center gap-2">
        <Mark tone="ok" /> {sayCount(images.length, 'image')} to make a VM from:{' '}
        {images.map(({ name }) => name).join(', ')}
      </p>
    )
  const store = host.datastores[0]
  if (!store) return null
  return (
    <div className="mt-2 grid gap-1 text-text-2">
      <h3 className="font-medium text-text">Next, the first VM</h3>
      <p>
        It is made from an image. Put one (qcow2 or raw; most distributions have one for clouds) on{' '}
        {host.name} into <code className="num">{store.path}/images/</code>
      </p>
      <p className="flex items-center gap-2">
        <Mark tone="working" /> Waiting for an image; it is seen within a minute.
      </p>
    </div>
  )
}

function imagesOn(host: Host, tables: ReplicaTables): Image[] {
  return host.datastores.flatMap(({ datastoreId }) => tables.datastore.get(datastoreId)?.images ?? [])
}

function Left({ at }: { at: number }) {
  const text = useTimed((time) =>
    at > time
      ? `for another ${sayDuration(Math.ceil((at - time) / 60_000) * 60_000)}`
      : 'but expired: close this and make a new one',
  )
  return <>{text}</>
}
