import { type Host, type HostId, sayCount } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { Confirm } from '../ui/confirm'
import { Check } from '../ui/field'
import { reasonsAgainstHost } from './actions'

/** Back in service, with or without the VMs that were taken from it. */
export function ExitMaintenance({ hostId }: { hostId: HostId }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const away = [...tables.vm.values()].filter((vm) => vm.homeId === hostId && vm.hostId !== hostId)
  const [home, setHome] = useState(away.length > 0)
  if (!host) return null
  const names = away.map((vm) => vm.name)
  return (
    <Confirm
      title={`Put ${host.name} back into service`}
      about="It takes VMs again."
      label="Exit maintenance"
      why="Optional; kept in the history."
      reasons={reasonsAgainstHost(tables, host, 'exitMaintenance')}
      run={(reason) =>
        act(`end the maintenance of ${host.name}`, () =>
          api.host.exitMaintenance.mutate({ hostId, home: home && away.length > 0, reason }),
        )
      }
      onClose={closeDialog}
    >
      <Check
        label={`Bring its VMs home${away.length > 0 ? ` (${away.length})` : ''}`}
        checked={home && away.length > 0}
        disabled={away.length === 0}
        onChange={(event) => setHome(event.target.checked)}
        hint={
          away.length === 0
            ? `No VM was taken from ${host.name}.`
            : `${sayCount(away.length, 'VM')} that lived here: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}. Those that cannot move now stay where they are and say why.`
        }
      />
    </Confirm>
  )
}
