import { join } from 'node:path'
import type { ApiClient } from '@drover/harness/client'
import { root, type Stack } from '@drover/harness/stack'
import type { Lab } from '../types'
import { joinHosts } from './join'
import { Operator } from './operator'
import type { Program } from './programs'
import { createVm } from './vm'

/** The stack's agent as lab hosts have to call it: they begin in a directory of their own. */
function agentOf(stack: Stack): Program {
  const cwd = join(root, 'apps/agent')
  return { cwd, args: [...stack.agent.slice(0, -1), join(cwd, stack.agent.at(-1)!)] }
}

/** One datacenter and one cluster of the lab's hosts, and guests made by Drover itself from the guest image. */
export async function joinLab(
  stack: Stack,
  lab: Lab,
  guests: number,
  log: (line: string) => void = () => {},
): Promise<ApiClient> {
  const admin = await stack.admin()
  const operator = new Operator(admin)
  await joinHosts(operator, agentOf(stack), lab)
  log(`lab: ${lab.hosts.length} hosts have joined`)
  for (let number = 1; number <= guests; number++) {
    const host = lab.hosts[(number - 1) % lab.hosts.length]!.name
    await createVm(operator, { name: `guest-${number}`, host })
  }
  return admin
}
