import {
  type Host,
  type HostId,
  isActive,
  sayDuration,
  sayPercent,
  sayRefusals,
  type Vm,
  type VmId,
  type WhatIf,
  type WhatIfVm,
} from '@drover/model'
import { useMemo } from 'react'
import { isDark } from '../../host/state'
import { cx } from '../../ui/cx'
import { byName } from '../../ui/table/column'
import { useWidth } from '../../ui/width'
import { type Box, fillFrame, tileGrid } from '../map/layout'

const headHeight = 24

interface Props {
  hosts: readonly Host[]
  vms: readonly Vm[]
  lost: readonly HostId[]
  answer: WhatIf | undefined
  onToggle: (hostId: HostId) => void
}

type Part = { vm: Vm; fate: WhatIfVm | null; comes: boolean }

/** The cluster's map as it would be: dead hosts dark, their VMs where they would come up, what has no place in red. */
export function WhatIfMap({ hosts, vms, lost, answer, onToggle }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const sorted = useMemo(() => [...hosts].sort(byName), [hosts])
  const { boxes, height } = useMemo(() => tileGrid(sorted.length, width), [sorted.length, width])
  const fates = useMemo(() => new Map(answer?.vms.map((each) => [each.vm.id, each]) ?? []), [answer])
  const parts = useMemo(() => partsOf(vms, fates, lost), [vms, fates, lost])
  const loads = new Map(answer?.hosts.map((each) => [each.host.id, each]) ?? [])
  const zoom = useMemo(() => zoomOf(sorted, parts), [sorted, parts])
  const homeless = answer?.vms.filter((each) => each.target === null && each.note === null) ?? []
  return (
    <div className="p-3">
      <div ref={frame} className="relative select-none" style={{ height }}>
        {width > 0 &&
          sorted.map((host, i) => (
            <Tile
              key={host.id}
              host={host}
              box={boxes[i]!}
              dead={lost.includes(host.id)}
              zoom={zoom}
              load={loads.get(host.id)}
              parts={parts.get(host.id) ?? []}
              onToggle={() => onToggle(host.id)}
            />
          ))}
      </div>
      {homeless.length > 0 && (
        <section aria-label="VMs without a place" className="mt-3 grid gap-1">
          <h3 className="font-medium text-error">
            {homeless.length === 1 ? 'One VM has no place:' : `${homeless.length} VMs have no place:`}
          </h3>
          <ul className="flex flex-wrap gap-1">
            {homeless.slice(0, 60).map((each) => (
              <li
                key={each.vm.id}
                title={sayRefusals(each.why)}
                className="rounded-sm border border-error bg-error/15 px-1.5 text-sm"
              >
                {each.vm.name}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** What stands on which tile: on a living host what runs there and what comes, on a dead one what it leaves. */
function partsOf(vms: readonly Vm[], fates: ReadonlyMap<VmId, WhatIfVm>, lost: readonly HostId[]) {
  const parts = new Map<HostId, Part[]>()
  const add = (hostId: HostId, part: Part) => {
    const list = parts.get(hostId)
    if (list) list.push(part)
    else parts.set(hostId, [part])
  }
  for (const vm of vms) {
    const fate = fates.get(vm.id) ?? null
    if (isActive(vm) || fate) add(vm.hostId, { vm, fate, comes: false })
    if (fate?.target && fate.target.id !== vm.hostId && !lost.includes(fate.target.id)) {
      add(fate.target.id, { vm, fate, comes: true })
    }
  }
  return parts
}

/** How much larger all may be drawn: until the fullest host fills nine tenths of its tile. */
function zoomOf(hosts: readonly Host[], parts: ReadonlyMap<HostId, readonly Part[]>): number {
  const fullest = Math.max(
    0.1,
    ...hosts.map((host) => {
      const size = (parts.get(host.id) ?? []).reduce((sum, part) => sum + part.vm.memoryBytes, 0)
      return size / Math.max(1, (host.facts?.memoryBytes ?? 0) - (host.facts?.reservedMemoryBytes ?? 0))
    }),
  )
  return Math.max(1, Math.min(4, 0.9 / fullest))
}

function Tile({
  host,
  box,
  dead,
  zoom,
  load,
  parts,
  onToggle,
}: {
  host: Host
  box: Box
  dead: boolean
  /** Every host is drawn this much larger, so that the fullest one fills its tile. */
  zoom: number
  load: WhatIf['hosts'][number] | undefined
  parts: readonly Part[]
  onToggle: () => void
}) {
  const total = (host.facts?.memoryBytes ?? 0) - (host.facts?.reservedMemoryBytes ?? 0)
  const inner = { x: 4, y: headHeight, width: box.width - 10, height: box.height - headHeight - 8 }
  const sized = parts.map((part) => ({ part, size: part.vm.memoryBytes }))
  const here = sized.filter(({ part }) => !part.comes)
  const room = Math.max(1, total / zoom)
  const stays = fillFrame(here, room, inner)
  const used = inner.height * Math.min(1, here.reduce((sum, { size }) => sum + size, 0) / room)
  // Those that come stand on top of what is there, so that one sees them arrive; never too low for their seconds.
  const coming = sized.filter(({ part }) => part.comes)
  const size = coming.reduce((sum, each) => sum + each.size, 0)
  const left = Math.max(12, inner.height - used)
  const tall = Math.min(left, Math.max(26, (inner.height * size) / room))
  const come = fillFrame(coming, size, { ...inner, y: inner.y + left - tall, height: tall })
  const blocks = [...stays, ...come]
  const gone = dead || isDark(host)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the button inside, whose clicks come here too, has the keys
    <div
      onClick={onToggle}
      className={cx(
        'absolute cursor-pointer rounded-md border transition-colors duration-300 hover:outline-2 hover:outline-accent',
        gone ? 'border-dead bg-dead text-on-dead' : 'border-line-strong bg-canvas',
      )}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
    >
      <button
        type="button"
        aria-pressed={dead}
        aria-label={`${host.name}${dead ? ' dies; press to let it live' : ': press to see what its death would mean'}`}
        className="absolute inset-0 rounded-md"
      />
      <span
        aria-hidden
        className="pointer-events-none absolute inset-x-0 top-0 flex items-center gap-1.5 px-1.5"
        style={{ height: headHeight }}
      >
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{host.name}</span>
        <span className={cx('num text-xs!', !gone && 'text-text-3')}>
          {gone ? 'dead' : load ? `${sayPercent(load.memoryBefore)} → ${sayPercent(load.memoryAfter)}` : null}
        </span>
      </span>
      {blocks.map(({ item, ...place }) => (
        <Block key={`${item.part.vm.id} ${item.part.comes}`} part={item.part} box={place} dead={gone} />
      ))}
    </div>
  )
}

function Block({ part, box, dead }: { part: Part; box: Box; dead: boolean }) {
  const { vm, fate, comes } = part
  const ms = fate?.afterMs ?? null
  const after = ms === null ? null : sayDuration(Math.round(ms / 1_000) * 1_000)
  const lost = fate !== null && fate.target === null && fate.note === null
  const says = comes
    ? `${vm.name}: runs here after ${after ?? 'a while'}`
    : lost
      ? `${vm.name}: ${sayRefusals(fate.why)}`
      : fate?.target
        ? `${vm.name}: to ${fate.target.name} after ${after ?? 'a while'}`
        : `${vm.name}${fate?.note ? `: ${fate.note}` : ''}`
  return (
    <span
      title={says}
      className={cx(
        'absolute overflow-hidden rounded-[2px] border hover:z-10 hover:border-text',
        comes
          ? 'border-working bg-[color-mix(in_srgb,var(--working)_25%,var(--surface))]'
          : lost
            ? 'border-error bg-[color-mix(in_srgb,var(--error)_35%,var(--surface))]'
            : dead
              ? 'border-dashed border-on-dead/35'
              : 'border-ok/40 bg-surface',
      )}
      style={{
        left: box.x + 0.5,
        top: box.y + 0.5,
        width: Math.max(3, box.width - 1),
        height: Math.max(3, box.height - 1),
      }}
    >
      {comes ? (
        <Arrival name={vm.name} after={after} box={box} />
      ) : (
        box.width > 30 &&
        box.height > 13 &&
        (lost || !dead) && (
          <span
            className={cx(
              'absolute inset-x-0.5 top-0 truncate text-[10px] leading-[13px]',
              lost ? 'text-text' : 'text-text-3',
            )}
          >
            {vm.name}
          </span>
        )
      )}
    </span>
  )
}

/** Its name and its seconds: below each other, or where that is too low beside each other; where both are too much, the seconds. */
function Arrival({ name, after, box }: { name: string; after: string | null; box: Box }) {
  const low = box.height < 27
  if (box.width <= 20 || box.height <= 13) return null
  return (
    <span
      className={cx(
        'absolute inset-x-0.5 inset-y-0 flex text-[10px] leading-[13px] text-text',
        low ? 'items-start gap-1' : 'flex-col justify-between',
      )}
    >
      {(low ? box.width > 64 : box.width > 30) && <span className="min-w-0 truncate">{name}</span>}
      <span className="num shrink-0 truncate text-[10px]! leading-[13px]">{after}</span>
    </span>
  )
}
