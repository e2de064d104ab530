import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const deadlineMs = 5_000

/**
 * Whether KVM works, not whether its device exists: QEMU is asked to make a machine with it and to quit. On some
 * machines the device is there and every attempt to use it fails.
 */
export function kvmWorks(emulator: string): Promise<boolean> {
  if (!existsSync('/dev/kvm')) return Promise.resolve(false)
  return new Promise((resolve) => {
    const args = [
      '-machine',
      'pc,accel=kvm',
      '-m',
      '16',
      '-nodefaults',
      '-display',
      'none',
      '-S',
      '-monitor',
      'stdio',
    ]
    const child = spawn(emulator, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: deadlineMs })
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
    child.stdin.on('error', () => {})
    child.stdin.end('quit\n')
  })
}
