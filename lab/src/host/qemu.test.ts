import { expect, test } from 'vitest'
import { describeQemu } from './qemu'

const args = (...more: string[]) => ['/usr/bin/qemu-system-x86_64', ...more]

test('name and UUID come from the arguments, with doubled commas made single', () => {
  const found = describeQemu(args('-name', 'guest=web,,17,debug-threads=on', '-uuid', 'u-1'))
  expect(found).toEqual({ vmName: 'web,17', uuid: 'u-1', cameByMigration: false })
})

test('one that was started to receive a guest is marked', () => {
  expect(describeQemu(args('-name', 'guest=a', '-uuid', 'u', '-incoming', 'defer'))?.cameByMigration).toBe(
    true,
  )
})

test("libvirt's probes are no VM", () => {
  expect(describeQemu(args('-S', '-no-user-config', '-machine', 'none'))).toBeUndefined()
})
