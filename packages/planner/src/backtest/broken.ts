import type { LoadPicture, Rule } from '@drover/model'

/** Counts the rules about VMs, strict or not, that are broken where VMs are; worked out again only when they are elsewhere. */
export class BrokenRules {
  readonly #checks: ((at: Int32Array) => boolean)[]
  #last: Int32Array | null = null
  #count = 0

  constructor(rules: readonly Rule[], { hosts, vms }: LoadPicture) {
    const hostIndex = new Map(hosts.map(({ id }, i) => [id, i]))
    const vmIndex = new Map(vms.map(({ id }, i) => [id, i]))
    this.#checks = rules
      .filter(({ enabled }) => enabled)
      .map(({ kind, relation, vmIds, hosts: named }) => {
        const those = vmIds.flatMap((id) => vmIndex.get(id) ?? [])
        const these = new Set(named.flatMap(({ hostId }) => hostIndex.get(hostId) ?? []))
        return (at) => {
          const places = those.map((vm) => at[vm]!).filter((host) => host >= 0)
          if (kind === 'vm-host') return places.some((host) => these.has(host) !== (relation === 'on'))
          const hosts = new Set(places).size
          return relation === 'apart' ? hosts < places.length : hosts > 1
        }
      })
  }

  count(at: Int32Array): number {
    if (this.#checks.length === 0) return 0
    if (this.#last?.every((host, vm) => host === at[vm])) return this.#count
    this.#last = Int32Array.from(at)
    this.#count = this.#checks.filter((isBroken) => isBroken(at)).length
    return this.#count
  }
}
