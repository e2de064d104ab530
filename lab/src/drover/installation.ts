import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startTestServer, type TestServer } from '@drover/store/test-server'
import { createLab } from '../lab'
import type { Lab } from '../types'
import { type ControlDaemon, controlDaemon } from './control'
import { joinHosts } from './join'
import { Operator } from './operator'
import { buildAgent, buildControl, bundleIn, controlProgram, type Program } from './programs'

/** A lab with Drover in it: PostgreSQL, a control daemon and an agent on each host, every one a process of its own. */
export interface Installation {
  lab: Lab
  postgres: TestServer
  control: ControlDaemon
  operator: Operator
  /** What runs on the hosts. */
  agent: Program
  clusterId: string
  /** A further daemon on the same database; not started yet. */
  anotherDaemon(name: string): Promise<ControlDaemon>
  destroy(): Promise<void>
}

export interface InstallationOptions {
  name: string
  hosts?: number
  /** Every host has a watchdog, and its agent feeds it. Default: false. */
  watchdogs?: boolean
  /** Hosts are enrolled, their agents run. Default: true; false leaves `clusterId` empty. */
  joined?: boolean
  /** Control as it is shipped, for measurements. Default: from its sources. */
  built?: boolean
  /** Leave logs and disks in place. */
  keep?: boolean
}

/** Builds it all up from nothing, in some ten seconds. */
export async function createInstallation(options: InstallationOptions): Promise<Installation> {
  const {
    name,
    hosts = 3,
    watchdogs = false,
    joined = true,
    built = false,
    keep = Boolean(process.env.DROVER_LAB_KEEP),
  } = options
  const [lab, postgres] = await Promise.all([createLab({ name, hosts, watchdogs, keep }), startTestServer()])
  const program = built ? await buildControl() : controlProgram
  const daemons: ControlDaemon[] = []
  const adminPassword = randomBytes(9).toString('base64url')
  async function daemon(called: string): Promise<ControlDaemon> {
    const made = await controlDaemon({
      name: called,
      dir: join(lab.dir, 'control'),
      databaseUrl: Object.assign(new URL(postgres.url), { pathname: '/drover' }).toString(),
      agentHost: lab.controlAddress,
      agentPort: 8443,
      adminPassword,
      agentBundle: bundleIn(lab.dir),
      program,
    })
    daemons.push(made)
    return made
  }
  async function destroy(): Promise<void> {
    await Promise.all(daemons.map(({ process }) => process.end('SIGTERM')))
    await lab.destroy()
    await postgres.remove()
  }
  try {
    const [control, agent] = await Promise.all([daemon('control-1'), buildAgent(lab.dir), lab.up()])
    await control.lead()
    const operator = new Operator(await control.signIn())
    const clusterId = joined ? await joinHosts(operator, agent, lab) : ''
    return { lab, postgres, control, operator, agent, clusterId, anotherDaemon: daemon, destroy }
  } catch (error) {
    await destroy()
    throw error
  }
}
