import { describe, expect, it } from 'vitest'
import { joinCommand } from './join'

const fingerprint = 'ab'.repeat(32)
const publicKeyPin = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
const pinned = { agentFingerprint: fingerprint, agentPublicKeyPin: publicKeyPin }
const plain = { agentFingerprint: null, agentPublicKeyPin: null }

describe('the join command', () => {
  it('fetches the agent by the pinned key, then joins and runs', () => {
    expect(joinCommand({ agentUrls: ['https://control:8443'], ...pinned }, 'a-token').split('\n')).toEqual([
      'curl -fsSk \\',
      `  --pinnedpubkey 'sha256//${publicKeyPin}' \\`,
      '  https://control:8443/drover-agent.mjs -o drover-agent.mjs && \\',
      'node drover-agent.mjs join --run \\',
      '  --server https://control:8443 \\',
      `  --pin sha256:${fingerprint} \\`,
      '  --token a-token',
    ])
  })

  it('has no pin where there is no TLS of our own, and then trusts no unknown certificate', () => {
    expect(joinCommand({ agentUrls: ['http://127.0.0.1:8443'], ...plain }, 'a-token').split('\n')).toEqual([
      'curl -fsS \\',
      '  http://127.0.0.1:8443/drover-agent.mjs -o drover-agent.mjs && \\',
      'node drover-agent.mjs join --run \\',
      '  --server http://127.0.0.1:8443 \\',
      '  --token a-token',
    ])
  })

  it('asks the next daemon when the first does not serve the agent, and joins once, with all of them', () => {
    const agentUrls = ['https://a:8443', 'https://b:8444']
    expect(joinCommand({ agentUrls, ...plain }, 'a-token').split('\n')).toEqual([
      'curl -fsS \\',
      '  https://a:8443/drover-agent.mjs -o drover-agent.mjs || \\',
      'curl -fsS \\',
      '  https://b:8444/drover-agent.mjs -o drover-agent.mjs && \\',
      'node drover-agent.mjs join --run \\',
      '  --server https://a:8443,https://b:8444 \\',
      '  --token a-token',
    ])
  })

  it('quotes an address that the shell would read otherwise', () => {
    const command = joinCommand({ agentUrls: ['http://[::1]:8443'], ...plain }, 'a-token')
    expect(command).toContain("'http://[::1]:8443/drover-agent.mjs'")
    expect(command).toContain("--server 'http://[::1]:8443'")
  })
})
