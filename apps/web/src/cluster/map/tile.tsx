import { type Host, sayBytes, sayPercent, type Vm } from '@drover/model'
import { loadLevel } from '../../format/quantity'
import { useHostLoad } from '../../host/load'
import { hostState, isAsleep, isDark } from '../../host/state'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { cx } from '../../ui/cx'
import { Mark } from '../../ui/state'
import type { Box } from './layout'

interface Props {
  host: Host
  box: Box
  headHeight: number
  /** VMs that hold no memory: drawn as small empty squares. */
  off: readonly Vm[]
  over: boolean
  /** Why it refuses the VM that is being dragged. */
  refusal: string | null
}

/** One host of the map. Its edge turns amber when it is overloaded. */
export function HostTile({ host, box, headHeight, off, over, refusal }: Props) {
  const load = useHostLoad(host.id)
  const state = hostState(host)
  const dark = isDark(host)
  const asleep = isAsleep(host)
  const high = loadLevel(Math.max(load.cpu ?? 0, load.memory ?? 0)) !== 'calm'
  const says = `${host.name}: ${state.word}, CPU ${load.cpu === null ? 'not known' : sayPercent(load.cpu)}, memory ${load.memory === null ? 'not known' : `${sayPercent(load.memory)} of ${sayBytes(load.memoryBytes)}`}`
  return (
    <div
      title={refusal ?? says}
      className={cx(
        'absolute rounded-md border transition-colors',
        dark ? 'border-dead bg-dead text-on-dead' : asleep ? 'bg-sunken' : 'bg-canvas',
        over && !refusal
          ? 'border-accent bg-selected'
          : high && state.tone === 'ok'
            ? 'border-warning'
            : state.tone === 'ok'
              ? 'border-line-strong'
              : state.tone === 'maintenance'
                ? 'border-maintenance'
                : asleep
                  ? 'border-dashed border-standby'
                  : !dark && 'border-dashed border-line-strong',
        refusal && 'opacity-45',
      )}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
    >
      <div className="flex items-center gap-1.5 px-1.5" style={{ height: headHeight }}>
        <Mark tone={high && state.tone === 'ok' ? 'warning' : state.tone} label={state.word} size={9} />
        <Link plain href={paths.object(host.id)} className="min-w-0 flex-1 truncate text-sm font-medium">
          {host.name}
        </Link>
        {state.tone !== 'ok' ? (
          <span className={cx('truncate text-xs', !dark && 'text-text-2')}>{state.word}</span>
        ) : (
          load.cpu !== null &&
          box.width > 130 && (
            <span className="num text-xs! text-text-3">
              {sayPercent(load.cpu)} · {sayPercent(load.memory ?? 0)}
            </span>
          )
        )}
      </div>
      {asleep && (
        <span
          aria-hidden
          className="pointer-events-none absolute inset-0 top-6 grid place-items-center text-standby"
        >
          <Mark tone="standby" size={Math.max(14, Math.min(36, box.height / 3))} />
        </span>
      )}
      {refusal && over && (
        <p className="absolute inset-x-1 top-6 z-10 rounded-sm bg-raised p-1 text-xs text-error">{refusal}</p>
      )}
      <div className="absolute inset-x-1 bottom-1 flex h-2.5 gap-0.5 overflow-hidden">
        {off.slice(0, 24).map((vm) => (
          <Link
            key={vm.id}
            href={paths.object(vm.id)}
            title={`${vm.name}: ${vm.power}`}
            tabIndex={-1}
            className={cx(
              'size-2.5 shrink-0 rounded-[1px] border',
              dark ? 'border-on-dead/60' : vm.power === 'off' ? 'border-off/60' : 'border-error bg-error/40',
            )}
          >
            <span className="sr-only">
              {vm.name}: {vm.power}
            </span>
          </Link>
        ))}
      </div>
    </div>
  )
}
