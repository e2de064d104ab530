import { sayList, type Vm, type VmVerb } from '@drover/model'
import { openDialog } from '../console/store'
import { useTables } from '../replica/hooks'
import { Button } from '../ui/button'
import { reasonsAgainst, verbIcons, verbLabels } from './actions'

const verbs: VmVerb[] = ['start', 'shutdown', 'suspend', 'resume', 'reboot', 'stop']

/** What may be done with many VMs at once: possible when it is for one of them; the dialog names them all. */
export function BulkBar({ vms, clear }: { vms: Vm[]; clear: () => void }) {
  const tables = useTables()
  return verbs.map((verb) => {
    const able = vms.filter((vm) => reasonsAgainst(tables, vm, verb).length === 0)
    const why =
      able.length > 0
        ? []
        : vms.length === 1
          ? reasonsAgainst(tables, vms[0]!, verb)
          : [
              `None of ${sayList(vms.slice(0, 3).map((vm) => vm.name))}${vms.length > 3 ? ', …' : ''} can be asked that now.`,
            ]
    return (
      <Button
        key={verb}
        icon={verbIcons[verb]}
        reasons={why}
        onClick={() => openDialog({ kind: 'power', verb, vmIds: vms.map((vm) => vm.id), done: clear })}
      >
        {verbLabels[verb].replace('…', '')}
      </Button>
    )
  })
}
