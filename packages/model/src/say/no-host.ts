import type { Refusal } from '../refusal/refusal'
import { sayFew } from './quantity'

type NoHost = Extract<Refusal, { code: 'no_host_fits' }>

/**
 * Why no host can take a VM: each reason once, that of most hosts first, with the hosts it holds for. One after the other,
 * the reasons of sixty hosts are a page that nobody reads. `say` makes the sentence of one reason.
 */
export function sayNoHost({ vm, hosts }: NoHost, say: (refusal: Refusal) => string): string {
  const alike = new Map<string, { host: string; refusal: Refusal }[]>()
  for (const { host, refusals } of hosts)
    for (const refusal of refusals) {
      const key = kind(refusal)
      alike.set(key, [...(alike.get(key) ?? []), { host: host.name, refusal }])
    }
  const reasons = [...alike.values()].sort((a, b) => b.length - a.length)
  return [`No host can take ${vm.name}.`, ...reasons.map((each) => sayAlike(each, say))].join(' ')
}

function sayAlike(each: { host: string; refusal: Refusal }[], say: (refusal: Refusal) => string): string {
  const nearest = each.reduce((best, next) => (short(next.refusal) < short(best.refusal) ? next : best))
  const rest = each.filter((one) => one !== nearest).map(({ host }) => host)
  return rest.length > 0 ? `${say(nearest.refusal)} Likewise ${sayFew(rest)}.` : say(nearest.refusal)
}

/** Alike are reasons of one code about one datastore, network or rule. */
function kind(refusal: Refusal): string {
  if ('datastore' in refusal) return `${refusal.code} ${refusal.datastore.id}`
  if ('network' in refusal) return `${refusal.code} ${refusal.network.id}`
  if ('rule' in refusal) return `${refusal.code} ${refusal.rule.id}`
  return refusal.code
}

/** The host that lacks least is the one to help. */
function short(refusal: Refusal): number {
  return refusal.code === 'memory_short' ? refusal.neededBytes - refusal.freeBytes : 0
}
