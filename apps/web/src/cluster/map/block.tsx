import { sayBytes, sayPercent, type Vm } from '@drover/model'
import { type KeyboardEvent, memo, type PointerEvent } from 'react'
import { clamp } from '../../format/quantity'
import { useVmUsage } from '../../replica/hooks'
import { cx } from '../../ui/cx'
import type { Tone } from '../../ui/state'
import { useVmState } from '../../vm/use-state'
import type { Box } from './layout'

const edges: Record<Tone, string> = {
  ok: 'border-ok/70',
  off: 'border-off/70',
  working: 'border-working border-dashed',
  warning: 'border-warning',
  error: 'border-error',
  maintenance: 'border-maintenance',
  standby: 'border-standby/70',
}
const fills: Record<Tone, string> = {
  ok: 'bg-ok/35',
  off: 'bg-off/25',
  working: 'bg-working/40',
  warning: 'bg-warning/35',
  error: 'bg-error/40',
  maintenance: 'bg-maintenance/35',
  standby: 'bg-standby/35',
}

interface Props {
  vm: Vm
  box: Box
  tabIndex: number
  dragged: boolean
  onOpen: (vm: Vm) => void
  onMenu: (vm: Vm) => void
  onPointerDown: (event: PointerEvent, vm: Vm) => void
  onPointerMove: (event: PointerEvent) => void
  onPointerUp: () => void
  onKeyDown: (event: KeyboardEvent, vm: Vm) => void
}

/** One VM of the map; glides when its place changes. */
export const VmBlock = memo(function VmBlock(props: Props) {
  const { vm, box } = props
  const usage = useVmUsage(vm.id)
  const state = useVmState(vm.id)
  const tone = state?.tone ?? 'off'
  const cpu = clamp((usage?.[0] ?? 0) / Math.max(1, vm.vcpus))
  const says = `${vm.name}: ${state?.word}, CPU ${sayPercent(cpu)}, memory ${sayBytes(vm.memoryBytes)}`
  return (
    <button
      type="button"
      data-vm={vm.id}
      aria-label={says}
      title={says}
      tabIndex={props.tabIndex}
      onClick={() => props.onOpen(vm)}
      onContextMenu={() => props.onMenu(vm)}
      onPointerDown={(event) => props.onPointerDown(event, vm)}
      onPointerMove={props.onPointerMove}
      onPointerUp={props.onPointerUp}
      onKeyDown={(event) => props.onKeyDown(event, vm)}
      className={cx(
        'absolute left-0 top-0 touch-none overflow-hidden rounded-[2px] border bg-surface text-left transition-[transform,width,height] duration-500 hover:z-10 hover:border-text focus-visible:z-10',
        edges[tone],
        props.dragged && 'opacity-50',
      )}
      style={{
        transform: `translate(${box.x + 0.5}px, ${box.y + 0.5}px)`,
        width: Math.max(3, box.width - 1),
        height: Math.max(3, box.height - 1),
      }}
    >
      <span
        aria-hidden
        className={cx('absolute inset-x-0 bottom-0 transition-[height] duration-700', fills[tone])}
        style={{ height: `${cpu * 100}%` }}
      />
      {box.width > 44 && box.height > 15 && (
        <span className="absolute inset-x-1 top-0 truncate text-[10px] leading-[14px] text-text">
          {vm.name}
        </span>
      )}
    </button>
  )
})
