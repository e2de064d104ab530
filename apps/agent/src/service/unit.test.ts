import { expect, test } from 'vitest'
import { unitText } from './unit'

const options = {
  node: '/usr/bin/node',
  bundle: '/usr/local/lib/drover-agent/drover-agent.mjs',
  directory: '/var/lib/drover-agent',
  paths: ['/var/lib/libvirt/images'],
}
const lines = (text: string) => text.split('\n')

test('the unit runs the agent for ever, from boot on, and no more powerful than it must be', () => {
  const unit = lines(unitText(options))
  expect(unit).toContain(
    'ExecStart=/usr/bin/node /usr/local/lib/drover-agent/drover-agent.mjs --dir /var/lib/drover-agent run',
  )
  for (const line of [
    'Restart=always',
    'WantedBy=multi-user.target',
    'NoNewPrivileges=yes',
    'ProtectHome=yes',
  ])
    expect(unit).toContain(line)
})

test('homes stay open when something of it lives there', () => {
  expect(lines(unitText({ ...options, paths: ['/home/vms'] }))).toContain('ProtectHome=no')
  expect(lines(unitText({ ...options, node: '/root/.nvm/node' }))).toContain('ProtectHome=no')
  expect(lines(unitText({ ...options, paths: ['/srv/home/vms'] }))).toContain('ProtectHome=yes')
})

test('paths are taken literally', () => {
  const unit = unitText({ ...options, directory: '/srv/my "agent" 100%$x' })
  expect(unit).toContain('--dir "/srv/my \\"agent\\" 100%%$$x" run')
})
