import {
  type ChangeEvent,
  type DatastoreId,
  type Host,
  type Outcome,
  refOf,
  type Vm,
  type VmPower,
  type World,
} from '@drover/model'
import type { Domain, MigrationReport } from '@drover/protocol'
import type { Flow, Scene } from '../../task/flow'
import { hostOf, hostRef, joinPath, mountOf, pathOn } from '../../world/find'
import { put } from '../../world/rows'
import { causeOf } from '../power'

/** One disk of a migration, with absolute paths on both hosts. Settled before anything moves. */
export interface DiskMove {
  from: string
  to: string
  /** Where it will be, relative to `datastoreId`. */
  path: string
  datastoreId: DatastoreId
  format: 'qcow2' | 'raw'
  sizeBytes: number
  /** False: both hosts see it on the same storage. */
  copied: boolean
}

/** What the steps of a migration remember: small, JSON, in the task's row. */
export interface MigrateMemo {
  disks?: DiskMove[]
  /** The disk being worked on. */
  disk?: number
  /** Whether the guest ran when a cold migration began, so that it is started again. */
  ran?: boolean
  /** The source agent's good answer to `vm.migrate`. */
  report?: MigrationReport
  /** Or why it says that it failed. */
  failure?: string
  /** When that answer came. */
  answeredAt?: number
  /** What the target said when it was asked where the VM runs. */
  atTarget?: Seen
  /** The source still has a definition of a VM that is not there any more. */
  leftover?: boolean
  /** `vm.define` was given to the target. */
  defined?: boolean
  receiver?: { port: number; key: string }
  sha256?: string
  /** How the task ends once it is cleaned up. */
  end?: { state: 'failed' | 'cancelled'; outcome: Outcome }
}

/** The part of a domain that says where a VM is. */
export type Seen = Pick<Domain, 'state' | 'job' | 'reason'> | null

export interface MigrateScene {
  scene: Scene<'vm.migrate'>
  vm: Vm
  source: Host
  target: Host
  memo: MigrateMemo
  cancelling: boolean
}

export function migrateScene(scene: Scene<'vm.migrate'>, vm: Vm): MigrateScene {
  const { sourceId, targetId } = scene.task.params
  return {
    scene,
    vm,
    source: hostOf(scene.world, sourceId),
    target: hostOf(scene.world, targetId),
    memo: scene.task.memo as MigrateMemo,
    cancelling: scene.task.state === 'cancelling',
  }
}

/** Memo fields, typed. */
export function remember(memo: MigrateMemo): { memo: Record<string, unknown> } {
  return { memo: memo as Record<string, unknown> }
}

/** Where each disk is and will be; null when a host does not have a datastore that it needs. */
export function diskMoves(
  vm: Vm,
  source: Host,
  target: Host,
  datastoreIds: readonly DatastoreId[],
): DiskMove[] | null {
  const moves: DiskMove[] = []
  for (const [i, disk] of vm.disks.entries()) {
    const datastoreId = datastoreIds[i] ?? disk.datastoreId
    const copied = datastoreId !== disk.datastoreId
    // A copy goes where nothing else can be: the id keeps it apart from any other VM of that name.
    const path = copied ? `vms/${vm.name}-${vm.id}/disk${i}.${disk.format}` : disk.path
    const from = pathOn(source, disk)
    const root = mountOf(target, datastoreId)
    if (from === undefined || root === undefined) return null
    const { format, sizeBytes } = disk
    moves.push({ from, to: joinPath(root, path), path, datastoreId, format, sizeBytes, copied })
  }
  return moves
}

export function copiedDisks(memo: MigrateMemo): DiskMove[] {
  return (memo.disks ?? []).filter((disk) => disk.copied)
}

/** The change of home, made when it is proven, never before. */
export function movedHome({ scene, vm, source, target, memo }: MigrateScene, power: VmPower): ChangeEvent[] {
  const { initiator, taskId } = causeOf(scene)
  const disks = vm.disks.map((disk, i) => {
    const move = memo.disks?.[i]
    return move ? { ...disk, datastoreId: move.datastoreId, path: move.path } : disk
  })
  const changedPower = vm.power === power ? {} : { power, powerSince: scene.now, powerReason: null }
  // Where it was taken from is remembered while Drover moves it about; a person who moves it makes a new home.
  const homeId = scene.task.parentId === null || vm.homeId === target.id ? null : vm.homeId
  const row: Vm = { ...vm, hostId: target.id, disks, homeId, ...changedPower }
  return [
    {
      body: {
        kind: 'vm.moved',
        vm: refOf(vm),
        source: refOf(source),
        target: refOf(target),
        outside: false,
      },
      initiator,
      taskId,
      rows: [put('vm', row)],
    },
  ]
}

/** How it ends when the VM has stayed where it was. */
export function stayed(
  { scene, vm, source, cancelling }: MigrateScene,
  cause: string,
): NonNullable<MigrateMemo['end']> {
  if (cancelling) {
    const where = hostRef(scene.world as World, source.id)
    return { state: 'cancelled', outcome: { code: 'cancelled', vm: refOf(vm), where } }
  }
  return {
    state: 'failed',
    outcome: { code: 'still_at_source', vm: refOf(vm), source: refOf(source), cause },
  }
}

/** An inspection that could not be made is made again after a while: where a VM runs is never guessed. */
export function askAgainLater({ scene }: MigrateScene, host: Host): Flow {
  return { flow: 'wait', waiting: { code: 'host_answer', host: refOf(host) }, untilAt: scene.now + 2_000 }
}
