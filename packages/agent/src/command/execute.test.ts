import { HypervisorError } from '@drover/hypervisor'
import {
  demoDescription,
  SimulatedDatacenter,
  SimulatedHypervisor,
  VirtualClock,
} from '@drover/hypervisor/simulated'
import { expect, test } from 'vitest'
import { execute } from './execute'

test('a guest that is too busy to be asked to shut down is asked again, and not given up', async () => {
  const clock = new VirtualClock()
  const clusters = [{ name: 'Alpha', prefix: 'alpha', hosts: 2, vms: 12 }]
  const datacenter = SimulatedDatacenter.from(demoDescription({ seed: 3, clusters }), clock)
  const hypervisor = new SimulatedHypervisor(datacenter, 'alpha-01')
  const vm = (await hypervisor.domains()).find(({ state }) => state === 'running')!
  const ask = hypervisor.requestShutdown.bind(hypervisor)
  let asked = 0
  hypervisor.requestShutdown = async (uuid) => {
    if (++asked === 1) throw new HypervisorError('busy', 'its lock is held by another order')
    return ask(uuid)
  }
  const { signal } = new AbortController()
  const order = { kind: 'vm.shutdown' as const, uuid: vm.uuid, deadlineMs: 60_000 }
  await clock.until(execute(order, { hypervisor, clock }, { signal }))
  expect(asked).toBe(2)
  expect(await hypervisor.domain(vm.uuid)).toMatchObject({ state: 'off' })
})
