import type { Rule, Vm } from '@drover/model'
import type { Checker, Scene } from './checker'

/** Invariant 5. */
export function rules(): Checker {
  let looked = 0
  let seen = 0
  /** By rule: when it last changed, or one of its VMs was last touched past Drover. */
  const since = new Map<string, number>()
  return {
    name: 'rules hold',
    holds: 'No start and no migration of ours breaks a must-rule that held when it was decided.',
    always(scene) {
      const { ledger, sent } = scene
      for (; seen < ledger.events.length; seen++) {
        const { body, at } = ledger.events[seen]!
        if (body.kind === 'rule.created' || body.kind === 'rule.changed') since.set(body.rule.id, at)
      }
      const breaches: string[] = []
      for (; looked < sent.length; looked++) {
        const { body, host, commandId } = sent[looked]!
        const uuid = body.kind === 'vm.start' || body.kind === 'vm.migrate' ? body.uuid : null
        const vm = uuid && [...ledger.folded.vm.values()].find((row) => row.uuid === uuid)
        if (!vm) continue
        const task = ledger.task(commandId.split('/')[0]!)
        const target =
          body.kind === 'vm.migrate' ? scene.truth.hostByAddress(body.targetAddress)?.is.name : host
        for (const rule of ledger.folded.rule.values()) {
          if (!rule.strict || !rule.enabled || !rule.vmIds.includes(vm.id)) continue
          if (!task || (since.get(rule.id) ?? 0) >= task.createdAt) continue
          const why = target && broken(scene, rule, vm, target)
          if (why) breaches.push(`${commandId} brings ${vm.name} to ${target}: ${why} (rule ${rule.name})`)
        }
      }
      return breaches
    },
  }
}

function broken({ ledger, truth }: Scene, rule: Rule, vm: Vm, target: string): string | null {
  const hostId = [...ledger.folded.host.values()].find(({ name }) => name === target)?.id
  const listed = rule.hosts.some((host) => host.hostId === hostId)
  if (rule.relation === 'on') return listed ? null : 'it may not run there'
  if (rule.relation === 'notOn') return listed ? 'it may not run there' : null
  const others = rule.vmIds
    .filter((id) => id !== vm.id)
    .flatMap((id) => [ledger.folded.vm.get(id)].filter((row) => row !== undefined))
  const there = others.filter(({ uuid }) => truth.activeOn(uuid).includes(target))
  if (rule.relation === 'apart') return there.length > 0 ? `${there[0]!.name} runs there` : null
  const elsewhere = others.filter(({ uuid }) => {
    const hosts = truth.activeOn(uuid)
    return hosts.length > 0 && !hosts.includes(target)
  })
  return elsewhere.length > 0 && there.length > 0 ? `${elsewhere[0]!.name} runs elsewhere` : null
}
