import { expect, it } from 'vitest'
import { randomCluster, randomOf } from '../testing/random'
import { buildModel, modelNow } from './model'

it('is the same, whether VMs were built where they are or went there', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const shape = { hosts: 5, running: 12, waiting: 3, rules: 4, memory: 40, sizes: [2, 3, 5] }
    const { model } = randomCluster(seed, shape)
    const random = randomOf(seed)
    const at = model.vms.map((vm) => (random() < 0.5 ? vm.at : Math.floor(random() * 6) - 1))
    const hosts = model.hosts.map((host) => ({ ...host, accepts: random() < 0.8 }))
    const vms = model.vms.map((vm, i) => ({ ...vm, at: at[i]! }))
    const { resources, rules } = model
    expect(modelNow(model, hosts, at), `seed ${seed}`).toEqual(buildModel({ resources, hosts, vms, rules }))
  }
})
