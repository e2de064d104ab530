import type { About } from './context'

/** The command to be run on the host: where control is, how to know it, and the token. */
export function joinCommand(about: Pick<About, 'agentUrls' | 'agentFingerprint'>, token: string): string {
  const pin = about.agentFingerprint ? ` --pin sha256:${about.agentFingerprint}` : ''
  return `drover-agent join --server ${about.agentUrls.join(',')}${pin} --token ${token}`
}
