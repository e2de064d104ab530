import { access, constants, readdir, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { FenceAgentInfo, FenceAnswer } from '@drover/model'
import { type FenceAction, FenceError, type FenceTarget, type Fencing } from '../port'
import { readMetadata } from './metadata'
import { type Ended, runProgram } from './process'
import { runSoft, softAgent, softInfo } from './soft'
import { sayFailure } from './words'

export interface FenceAgentsOptions {
  log: { info(message: string, fields?: Record<string, unknown>): void }
  /** Directories with fence programs. Default: PATH, and where distributions put them. */
  paths?: string[]
}

const programName = /^fence_[a-z0-9_]+$/
/** Waits for a person at a terminal. */
const unusable = new Set(['fence_ack_manual'])
const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const describeMs = 20_000
const pollMs = 500
/** Kept for asking for the state after the order, when the order takes all the time that it gets. */
const reservedForStatus = 0.3

/**
 * The programs of the fence-agents package: parameters by standard input, never where others could see them; after "off"
 * and "on" the device is asked for the state until it is what was wanted or the time is up, and that is the answer.
 */
export function fenceAgents({ log, paths }: FenceAgentsOptions): Fencing {
  const inPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const directories = [...new Set(paths ?? [...inPath, ...usual])]
  // What the programs call themselves (ipmitool, snmpget) is where it always is.
  const searchPath = [...new Set([...directories, ...inPath, ...usual])].join(delimiter)
  const described = new Map<string, { stamp: string; info: FenceAgentInfo }>()

  async function find(name: string, among = directories): Promise<string | null> {
    for (const directory of among) {
      const path = join(directory, name)
      const usable = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (usable) return path
    }
    return null
  }

  async function program(agent: string): Promise<string> {
    const path = programName.test(agent) && !unusable.has(agent) ? await find(agent) : null
    if (path) return path
    throw new FenceError(`There is no ${agent} here. Install the package fence-agents, or choose another.`)
  }

  async function agents(): Promise<string[]> {
    const found = new Set<string>()
    for (const directory of directories) {
      for (const name of await readdir(directory).catch(() => [])) {
        if (programName.test(name) && !unusable.has(name)) found.add(name)
      }
    }
    const soft = (await find('ssh', searchPath.split(delimiter))) ? [softAgent] : []
    return [...[...found].sort(), ...soft]
  }

  async function describe(agent: string): Promise<FenceAgentInfo> {
    if (agent === softAgent) return softInfo
    const path = await program(agent)
    const { mtimeMs, size } = await stat(path)
    const stamp = `${path} ${mtimeMs} ${size}`
    const known = described.get(agent)
    if (known?.stamp === stamp) return known.info
    const ended = await start(path, ['-o', 'metadata'], { timeoutMs: describeMs, searchPath })
    const info = readMetadata(agent, ended.stdout)
    described.set(agent, { stamp, info })
    return info
  }

  async function run(action: FenceAction, target: FenceTarget): Promise<FenceAnswer> {
    const { agent } = target
    const began = Date.now()
    const answer = await act(action, target)
    log.info(`${agent} ${action}: ${answer.power}`, { ms: Date.now() - began })
    return { ...answer, message: answer.message.slice(0, 2_000) }
  }

  async function act(action: FenceAction, target: FenceTarget): Promise<FenceAnswer> {
    const { agent } = target
    if (agent === softAgent) {
      const ssh = await find('ssh', searchPath.split(delimiter))
      if (!ssh) throw new FenceError('There is no ssh here.')
      if (action === 'soft' || action === 'status') return runSoft(action, target, { ssh, searchPath })
      throw new FenceError(`${softAgent} restarts an agent; it cannot switch a host ${action}.`)
    }
    if (action === 'soft') throw new FenceError(`${agent} switches power; it cannot restart an agent.`)
    const path = await program(agent)
    const endsAt = Date.now() + target.timeoutMs
    if (action === 'status') return status(path, target, endsAt)
    return switchTo(action, path, target, endsAt)
  }

  async function switchTo(
    wanted: 'on' | 'off',
    path: string,
    target: FenceTarget,
    endsAt: number,
  ): Promise<FenceAnswer> {
    const { agent, params, timeoutMs } = target
    const orderMs = timeoutMs * (1 - reservedForStatus)
    const ordered = await order(path, wanted, target, orderMs)
    const obeyed = ordered.code === 0
    const trouble = obeyed ? '' : sayFailure(agent, wanted, ordered, params, orderMs)
    let answer: FenceAnswer | null = null
    for (;;) {
      const latest = await status(path, target, endsAt)
      // The last question may be cut short by the end of the time; what was said before it stands.
      const cutShort = latest.power === 'unknown' && Date.now() >= endsAt
      answer = cutShort && answer ? answer : latest
      if (answer.power === wanted) {
        return { power: wanted, message: `${agent} says that the power is ${wanted}.` }
      }
      // A device that has refused, or cannot even be asked after that, does not change its mind by being asked again.
      const hopeless = !obeyed && (answer.power === 'unknown' || !ordered.timedOut)
      if (hopeless || Date.now() + pollMs >= endsAt) {
        const state =
          answer.power === 'unknown' ? answer.message : `${agent} says that the power is ${answer.power}.`
        const promise = obeyed ? `${agent} said OK to "${wanted}", but: ` : `${trouble} `
        return {
          power: answer.power,
          message: trouble === answer.message ? trouble : `${promise}${state}`.trim(),
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }

  async function status(path: string, target: FenceTarget, endsAt: number): Promise<FenceAnswer> {
    const { agent, params } = target
    const timeoutMs = Math.max(0, endsAt - Date.now())
    const ended = await order(path, 'status', target, timeoutMs)
    if (ended.code === 0) return { power: 'on', message: `${agent} says that the power is on.` }
    if (ended.code === 2) return { power: 'off', message: `${agent} says that the power is off.` }
    return { power: 'unknown', message: sayFailure(agent, 'status', ended, params, timeoutMs) }
  }

  function order(path: string, action: string, { params }: FenceTarget, timeoutMs: number): Promise<Ended> {
    const given = Object.entries(params).filter(([name, value]) => name !== 'action' && value !== '')
    const broken = given.find(([name, value]) => /[\n\r\0=]/.test(name) || /[\n\r\0]/.test(value))
    if (broken) throw new FenceError(`The parameter ${broken[0]} has more than one line.`)
    const input = `${[['action', action], ...given].map(([name, value]) => `${name}=${value}`).join('\n')}\n`
    return start(path, [], { input, timeoutMs, searchPath })
  }

  return { agents, describe, run }
}

async function start(...args: Parameters<typeof runProgram>): Promise<Ended> {
  try {
    return await runProgram(...args)
  } catch (error) {
    throw new FenceError(`${args[0]} cannot be started: ${(error as Error).message}`)
  }
}
