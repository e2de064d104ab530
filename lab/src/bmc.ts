import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabNetwork } from './network'
import { labSource } from './paths'
import { isAlive, processArgs, signal } from './processes'
import { quoted, run, until } from './run'
import type { Bmc } from './types'

export interface BmcPlace {
  network: LabNetwork
  labName: string
  hostName: string
  hostNumber: number
  hostRunDir: string
  dir: string
}

const port = 623
const user = 'admin'
const password = 'secret'

/**
 * The board that powers a host on and off from outside: `ipmi_sim` speaking IPMI 2.0 over LAN, with an address of its
 * own on the management switch. It is no part of the host, so it answers while the host is off.
 */
export function createBmc(place: BmcPlace): Bmc {
  const { network, labName, hostName, hostNumber, hostRunDir, dir } = place
  const address = `${network.managementPrefix}.${100 + hostNumber}`
  const settings = join(dir, 'lan.conf')
  const lieMark = join(dir, 'lies')

  function simulator(): number | undefined {
    const path = join(dir, 'pid')
    if (!existsSync(path)) return undefined
    const pid = Number(readFileSync(path, 'utf8'))
    return isAlive(pid) && processArgs(pid).includes(settings) ? pid : undefined
  }

  async function start(): Promise<void> {
    if (simulator() !== undefined) return
    mkdirSync(join(dir, 'state'), { recursive: true })
    const chassis = [join(labSource, 'host/chassis.sh'), labName, hostName, hostRunDir, dir]
    writeFileSync(settings, lanConf(hostName, address, chassis.join(' ')))
    writeFileSync(join(dir, 'bmc.emu'), boardScript)
    const addAddress = [
      '-n',
      network.managementNamespace,
      'address',
      'replace',
      `${address}/24`,
      'dev',
      'switch',
    ]
    await run('ip', addAddress)
    const log = openSync(join(dir, 'bmc.log'), 'a')
    const simulatorArgs = ['-n', '-c', settings, '-f', join(dir, 'bmc.emu'), '-s', join(dir, 'state')]
    // exec, so that the pid stays the simulator's.
    const command = [
      'nsenter',
      `--net=/run/netns/${network.managementNamespace}`,
      'ipmi_sim',
      ...simulatorArgs,
    ]
    const child = spawn(
      '/bin/sh',
      ['-c', `echo $$ > ${quoted(join(dir, 'pid'))}; exec ${command.map(quoted).join(' ')}`],
      {
        detached: true,
        stdio: ['ignore', log, log],
        env: { PATH: process.env.PATH, DROVER_LAB_NODE: process.execPath },
      },
    )
    child.unref()
    closeSync(log)
    await until(`${hostName}: the BMC answers`, 10_000, () =>
      simulator() === undefined
        ? false
        : power('status').then(
            () => true,
            () => false,
          ),
    )
  }

  const power = (verb: string) => {
    const login = [
      '-I',
      'lanplus',
      '-C',
      '3',
      '-N',
      '1',
      '-R',
      '1',
      '-H',
      address,
      '-U',
      user,
      '-P',
      password,
    ]
    return run('ipmitool', [...login, 'chassis', 'power', verb], { timeoutMs: 5000 })
  }

  return {
    address,
    port,
    user,
    password,
    start,
    stop: async () => {
      const pid = simulator()
      if (pid === undefined) return
      signal(pid, 'SIGKILL')
      await until(`${hostName}: the BMC ends`, 5000, () => !isAlive(pid))
    },
    lie: (lying) => {
      mkdirSync(dir, { recursive: true })
      if (lying) writeFileSync(lieMark, '')
      else rmSync(lieMark, { force: true })
    },
  }
}

const lanConf = (name: string, address: string, chassis: string) => `name "${name}-bmc"
set_working_mc 0x20
startlan 1
  addr ${address} ${port}
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa123456789abcdef
endlan
chassis_control "${chassis}"
user 1 true "" "test" user 10 none md2 md5 straight
user 2 true "${user}" "${password}" admin 10 none md2 md5 straight
`

const boardScript = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`
