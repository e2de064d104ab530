import type { Host } from '@drover/model'
import { type Checker, news, type Scene } from './checker'

/** A proof is one. */
export function fencedTruth(): Checker {
  const fresh = news()
  return {
    name: 'fenced is the truth',
    holds:
      'A host that history calls fenced is off at that time or was since it was last heard, or its own agent has killed its VMs.',
    always(scene) {
      const { ledger } = scene
      const breaches: string[] = []
      for (const { body } of fresh(scene)) {
        if (body.kind !== 'host.state' || body.to !== 'fenced') continue
        const host = ledger.folded.host.get(body.host.id)
        if (!host?.proof) {
          if (host?.state === 'fenced') breaches.push(`${body.host.name} is fenced and nothing proves it`)
        } else breaches.push(...lies(scene, host, host.proof))
      }
      return breaches
    },
  }
}

function lies({ truth, witness, now }: Scene, { name }: Host, proof: NonNullable<Host['proof']>): string[] {
  const host = truth.hosts.get(name)!
  const wentDownSince = (witness.downAt.get(name) ?? 0) >= witness.heardAt(name)
  const alive = [...host.domains.values()].filter(({ guest }) => guest !== null).map((domain) => domain.name)
  if (!host.on || wentDownSince || alive.length === 0) return []
  const silent = ((now() - witness.heardAt(name)) / 1000).toFixed(1)
  return [
    `${name} is "fenced" by ${proof.by} (${proof.text}); it is on${host.frozen ? ' and hangs' : ''}, silent for ${silent} s, and runs ${alive.join(', ')}`,
  ]
}
