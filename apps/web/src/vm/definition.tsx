import type { VmId } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { trpc } from '../api/client'
import { sayError } from '../api/errors'
import { CopyButton } from '../ui/copy'
import { Panel } from '../ui/facts'

/** The hypervisor's own description of a VM, as Drover keeps it. */
export function Definition({ vmId }: { vmId: VmId }) {
  const [open, setOpen] = useState(false)
  const query = useQuery(trpc.vm.show.queryOptions({ vmId }, { staleTime: 10_000 }))
  const definition = query.data?.definition
  return (
    <Panel
      title="Definition"
      aside={
        definition && (
          <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide' : 'Show'}
          </button>
        )
      }
    >
      <p className="px-3 py-2">
        {query.isError ? (
          <span className="text-error">{sayError(query.error)}</span>
        ) : definition ? (
          <>
            Version <span className="num">{definition.version}</span>, kept here, so that it does not die with
            its host.
          </>
        ) : (
          <span className="text-text-3">{query.isPending ? '' : 'Its host has not sent it yet.'}</span>
        )}
      </p>
      {open && definition && (
        <div className="grid gap-2 border-t border-line p-3">
          <pre className="num max-h-80 overflow-auto rounded-md bg-sunken p-2">{definition.text}</pre>
          <div>
            <CopyButton text={definition.text} label="Copy the definition" />
          </div>
        </div>
      )}
    </Panel>
  )
}
