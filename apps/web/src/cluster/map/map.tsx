import { type Host, type HostId, isActive, type MigrationTargets, sayRefusal, type Vm } from '@drover/model'
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useState } from 'react'
import { queryClient, trpc } from '../../api/client'
import { openDialog, useUser } from '../../console/store'
import { navigate } from '../../nav/address'
import { actionsOf } from '../../object/actions'
import { paths } from '../../paths'
import { tablesNow, usageNow } from '../../replica/hooks'
import type { Action } from '../../ui/action'
import { ActionContext } from '../../ui/menu'
import { byName } from '../../ui/table/column'
import { useWidth } from '../../ui/width'
import { reasonsAgainst } from '../../vm/actions'
import { VmBlock } from './block'
import { type Box, fillFrame, neighbour, tileGrid } from './layout'
import { Moves } from './moves'
import { HostTile } from './tile'

/** Above this many, the most loaded ones are shown. */
const mostHosts = 96
const headHeight = 24
const footHeight = 14

interface Drag {
  vm: Vm
  x: number
  y: number
  over: HostId | null
  moved: boolean
}

/** Why each host refuses a VM that is being dragged; asked when the drag begins. */
function useVerdicts(vm: Vm | null): Map<HostId, string> {
  const [verdicts, setVerdicts] = useState<Map<HostId, string>>(new Map())
  const id = vm?.id
  useEffect(() => {
    setVerdicts(new Map())
    if (!id) return
    let stale = false
    void queryClient
      .fetchQuery(trpc.vm.migrationTargets.queryOptions({ vmId: id }))
      .then((answer) => {
        if (stale) return
        const targets = (answer as MigrationTargets).targets.filter((target) => target.best === null)
        setVerdicts(
          new Map(
            targets.map((target) => {
              const first = target.methods.find((method) => !method.verdict.ok)?.verdict
              return [
                target.host.id,
                first && !first.ok ? sayRefusal(first.refusals[0]!) : 'It cannot go there.',
              ]
            }),
          ),
        )
      })
      .catch(() => undefined)
    return () => {
      stale = true
    }
  }, [id])
  return verdicts
}

/** A tile a host, a block a VM. Drag a block, or focus it and press M, to migrate; Enter opens it. */
export function ClusterMap({ hosts, vms }: { hosts: readonly Host[]; vms: readonly Vm[] }) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const [drag, setDrag] = useState<Drag | null>(null)
  const [active, setActive] = useState<string | null>(null)
  const [menu, setMenu] = useState<Vm | null>(null)
  const { role } = useUser()
  const verdicts = useVerdicts(drag?.moved ? drag.vm : null)

  const shown = useMemo(() => mostLoaded(hosts), [hosts])
  const { boxes, height } = useMemo(() => tileGrid(shown.length, width), [shown.length, width])
  const blocks = useMemo(() => layOut(shown, vms, boxes), [shown, vms, boxes])

  const hostAt = useCallback(
    (x: number, y: number): HostId | null => {
      const rect = frame.current!.getBoundingClientRect()
      const inside = (box: Box) =>
        x - rect.left >= box.x &&
        x - rect.left <= box.x + box.width &&
        y - rect.top >= box.y &&
        y - rect.top <= box.y + box.height
      return shown[boxes.findIndex(inside)]?.id ?? null
    },
    [shown, boxes, frame],
  )

  function down(event: PointerEvent, vm: Vm) {
    if (event.button !== 0 || reasonsAgainst(tablesNow(), vm, 'migrate').length > 0 || role === 'auditor')
      return
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ vm, x: event.clientX, y: event.clientY, over: null, moved: false })
  }
  function move(event: PointerEvent) {
    if (!drag) return
    const moved = drag.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4
    if (!moved) return
    setDrag({
      ...drag,
      moved,
      x: event.clientX,
      y: event.clientY,
      over: hostAt(event.clientX, event.clientY),
    })
  }
  function up() {
    if (drag?.moved && drag.over && drag.over !== drag.vm.hostId) {
      openDialog({ kind: 'migrate', vmId: drag.vm.id, targetId: drag.over })
    }
    // The click that ends a drag must not open the VM.
    setTimeout(() => setDrag(null), 0)
  }

  function keys(event: KeyboardEvent, vm: Vm) {
    if (event.key === 'Escape') return setDrag(null)
    if (event.key.toLowerCase() === 'm' && reasonsAgainst(tablesNow(), vm, 'migrate').length === 0) {
      return openDialog({ kind: 'migrate', vmId: vm.id })
    }
    if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    const here = blocks.find((block) => block.vm.id === vm.id)
    const next = here && neighbour(blocks, here, event.key)
    if (!next) return
    setActive(next.vm.id)
    frame.current?.querySelector<HTMLElement>(`[data-vm="${next.vm.id}"]`)?.focus()
  }

  const places = useMemo(
    () => new Map(blocks.map((block) => [block.vm.id as string, block as Box])),
    [blocks],
  )
  const tiles = useMemo(() => new Map(shown.map((host, i) => [host.id as string, boxes[i]!])), [shown, boxes])
  const first = blocks.some((block) => block.vm.id === active) ? active : blocks[0]?.vm.id
  const actions: Action[] = menu ? actionsOf(tablesNow(), menu.id, role) : []
  return (
    <div className="p-3">
      {hosts.length > mostHosts && (
        <p className="pb-2 text-text-3">
          The {mostHosts} most loaded of {hosts.length} hosts.
        </p>
      )}
      <ActionContext actions={actions}>
        <div
          ref={frame}
          role="application"
          aria-label="Map of hosts and VMs. Arrow keys go from VM to VM, Enter opens it, M migrates it."
          className="relative select-none"
          style={{ height }}
        >
          {width > 0 &&
            shown.map((host, i) => (
              <HostTile
                key={host.id}
                host={host}
                box={boxes[i]!}
                headHeight={headHeight}
                off={vms.filter((vm) => vm.hostId === host.id && !isActive(vm))}
                over={Boolean(drag?.moved && drag.over === host.id && drag.vm.hostId !== host.id)}
                refusal={drag?.moved ? (verdicts.get(host.id) ?? null) : null}
              />
            ))}
          {width > 0 &&
            blocks.map((block) => (
              <VmBlock
                key={block.vm.id}
                vm={block.vm}
                box={block}
                tabIndex={block.vm.id === first ? 0 : -1}
                dragged={drag?.moved === true && drag.vm.id === block.vm.id}
                onPointerDown={down}
                onPointerMove={move}
                onPointerUp={up}
                onKeyDown={keys}
                onMenu={setMenu}
                onOpen={(vm) => {
                  if (!drag?.moved) navigate(paths.object(vm.id))
                }}
              />
            ))}
          {width > 0 && <Moves blocks={places} tiles={tiles} height={height} />}
        </div>
      </ActionContext>
      {drag?.moved && (
        <div
          className="pointer-events-none fixed z-50 rounded-sm border border-accent bg-raised px-2 py-0.5 shadow-(--shadow)"
          style={{ left: drag.x + 12, top: drag.y + 12 }}
        >
          {drag.vm.name}
          {drag.over && drag.over !== drag.vm.hostId && ` → ${tablesNow().host.get(drag.over)?.name}`}
        </div>
      )}
    </div>
  )
}

function mostLoaded(hosts: readonly Host[]): Host[] {
  const sorted = [...hosts].sort(byName)
  if (sorted.length <= mostHosts) return sorted
  const { hosts: usage } = usageNow()
  const load = (host: Host) =>
    Math.max(
      usage[host.id]?.cpu ?? 0,
      (usage[host.id]?.memoryUsedBytes ?? 0) / Math.max(1, host.facts?.memoryBytes ?? 1),
    )
  return sorted.sort((a, b) => load(b) - load(a)).slice(0, mostHosts)
}

function layOut(hosts: readonly Host[], vms: readonly Vm[], boxes: readonly Box[]) {
  const byHost = new Map<HostId, Vm[]>()
  for (const vm of vms) {
    if (isActive(vm)) byHost.set(vm.hostId, [...(byHost.get(vm.hostId) ?? []), vm])
  }
  return hosts.flatMap((host, i) => {
    const box = boxes[i]
    if (!box) return []
    const inner = {
      x: box.x + 4,
      y: box.y + headHeight,
      width: box.width - 8,
      height: box.height - headHeight - footHeight - 4,
    }
    const items = (byHost.get(host.id) ?? []).map((vm) => ({ vm, size: vm.memoryBytes }))
    const total = (host.facts?.memoryBytes ?? 0) - (host.facts?.reservedMemoryBytes ?? 0)
    return fillFrame(items, total, inner).map(({ item, ...place }) => ({ ...place, vm: item.vm }))
  })
}
