import { expect, test } from 'vitest'
import { sayCertificates } from './certificates'
import { type Seen, sayMissing, systemOf } from './needs'
import { chooseDatastores } from './storage'

const seen = (part: Partial<Seen>): Seen => ({
  socketPath: '/run/libvirt/libvirt-sock',
  socket: true,
  qemuImg: true,
  daemon: 'libvirtd',
  system: ['debian'],
  ...part,
})

test('a machine that has all that is needed hears nothing', () => {
  expect(sayMissing(seen({}))).toEqual([])
  expect(sayCertificates([], '/x')).toBeNull()
})

test('what is missing is named with the command that brings it, on this system', () => {
  const bare = { socket: false, qemuImg: false, daemon: null }
  expect(sayMissing(seen(bare))).toEqual([
    expect.stringMatching(
      /no libvirt at \/run\/libvirt\/libvirt-sock\. .*apt install .*libvirt-daemon-system/,
    ),
    expect.stringMatching(/no qemu-img.*apt install .*qemu-utils/),
  ])
  const rocky = systemOf('NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9"\n')
  expect(sayMissing(seen({ ...bare, system: rocky }))[0]).toContain('dnf install qemu-kvm')
  expect(sayMissing(seen({ ...bare, system: [] }))[0]).toContain('Install QEMU (with qemu-img) and libvirt.')
})

test('a libvirt that is there but does not run is to be started, not installed', () => {
  expect(sayMissing(seen({ socket: false }))).toEqual([
    'There is no libvirt at /run/libvirt/libvirt-sock. Start it: systemctl enable --now libvirtd',
  ])
  expect(sayMissing(seen({ socket: false, daemon: 'virtqemud' }))[0]).toContain('virtproxyd.socket')
})

test('disks go where libvirt keeps them, unless said otherwise; and that is said', () => {
  const host = { name: 'esx-03', hasLibvirtImages: true, configPath: '/etc/agent.json' }
  const given = [{ name: 'shared', path: '/srv/vms' }]
  expect(chooseDatastores(given, host)).toEqual({ datastores: given, said: null })
  const chosen = chooseDatastores([], host)
  expect(chosen.datastores).toEqual([{ name: 'esx-03-local', path: '/var/lib/libvirt/images' }])
  expect(chosen.said).toMatch(/\/var\/lib\/libvirt\/images.*esx-03-local/)
  const none = chooseDatastores([], { ...host, hasLibvirtImages: false })
  expect(none.datastores).toEqual([])
  expect(none.said).toMatch(/VMs cannot be created here until \/etc\/agent\.json names one/)
})

test('missing certificates are named, with both ways out', () => {
  const said = sayCertificates(['/etc/pki/CA/cacert.pem'], '/etc/agent.json')
  expect(said).toMatch(/\/etc\/pki\/CA\/cacert\.pem[\s\S]*tlscerts[\s\S]*"ssh"[\s\S]*"tcp"/)
})
