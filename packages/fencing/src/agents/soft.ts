import type { FenceAgentInfo, FenceAnswer } from '@drover/model'
import { FenceError, type FenceTarget } from '../port'
import { runProgram } from './process'
import { sayFailure } from './words'

/** Restarts the agent over ssh. It proves nothing; it is tried before anybody's power is cut. */
export const softAgent = 'soft_ssh'

const defaultCommand = 'systemctl restart drover-agent'

export const softInfo: FenceAgentInfo = {
  agent: softAgent,
  description: 'Restart the agent over ssh',
  parameters: [
    parameter('ip', 'Where ssh answers', { required: true }),
    parameter('login', 'User', { default: 'root' }),
    parameter('port', 'Port of ssh', { type: 'integer', default: '22' }),
    parameter('identity_file', 'Private key, a file that the user of the control daemon can read'),
    parameter('command', 'What restarts the agent', { default: defaultCommand }),
  ],
}

function parameter(
  name: string,
  description: string,
  more: Partial<FenceAgentInfo['parameters'][number]> = {},
): FenceAgentInfo['parameters'][number] {
  return {
    name,
    type: 'string',
    required: false,
    secret: false,
    default: null,
    options: [],
    description,
    ...more,
  }
}

/** `soft` runs the command, `status` only logs in: a host that lets somebody in is on. Throws `FenceError` when it fails. */
export async function runSoft(
  action: 'soft' | 'status',
  { params, timeoutMs }: FenceTarget,
  { ssh, searchPath }: { ssh: string; searchPath: string },
): Promise<FenceAnswer> {
  const { ip = '', login = 'root', port = '22', identity_file: identity, command } = params
  if (!/^[A-Za-z0-9_][\w.-]*$/.test(login) || !/^[A-Za-z0-9:][\w.:%-]*$/.test(ip) || !/^\d+$/.test(port)) {
    throw new FenceError(`${softAgent} needs an address, a user name and a port.`)
  }
  const options = ['BatchMode=yes', 'ConnectTimeout=5', 'StrictHostKeyChecking=accept-new']
  const args = [...options.flatMap((option) => ['-o', option]), ...(identity ? ['-i', identity] : [])]
  const order = action === 'soft' ? command || defaultCommand : 'true'
  const ended = await runProgram(ssh, [...args, '-p', port, '-l', login, '--', ip, order], {
    timeoutMs,
    searchPath,
  })
  if (ended.code !== 0) throw new FenceError(sayFailure(softAgent, action, ended, params, timeoutMs))
  return action === 'soft'
    ? { power: 'unknown', message: `${ip} was told over ssh to restart its agent.` }
    : { power: 'on', message: `${ip} answers over ssh.` }
}
