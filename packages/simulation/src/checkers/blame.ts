import { type Checker, news } from './checker'

/** An auditor must be able to rely on "outside". */
export function blame(): Checker {
  const fresh = news()
  const excused = new Map<string, number>()
  return {
    name: 'nobody is blamed',
    holds: 'What history says was done past Drover was; what a task of ours brought about is told as such.',
    always(scene) {
      const { ledger, meddled, truth } = scene
      const breaches: string[] = []
      for (const { body, at } of fresh(scene)) {
        if (body.kind === 'task.ended' && body.state !== 'succeeded') {
          const { vmId } = ledger.task(body.task.id) ?? {}
          // What was given up may still take effect: a guest that shuts down after all.
          if (vmId) excused.set(vmId, at)
        }
        if ((body.kind !== 'vm.power' && body.kind !== 'vm.moved') || !body.outside) continue
        const vm = ledger.folded.vm.get(body.vm.id)
        const since = Math.max(meddled.get(vm?.uuid ?? '') ?? 0, excused.get(body.vm.id) ?? 0)
        if (at - since < 180_000 || (body.kind === 'vm.power' && body.to === 'crashed')) continue
        breaches.push(
          `${JSON.stringify(body)}, and nobody had touched ${body.vm.name} (alive on ${truth.activeOn(vm?.uuid ?? '')})`,
        )
      }
      return breaches
    },
  }
}
