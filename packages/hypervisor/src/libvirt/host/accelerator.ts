import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const deadlineMs = 4_000
const askMs = 200

/**
 * Whether KVM works, not whether its device exists: an empty machine is started with it, and must get through its BIOS
 * to where it halts for want of a disk. A second is plenty. There are machines where the device is there, can even be
 * opened, and a guest gets nowhere.
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
      '-monitor',
      'stdio',
    ]
    const child = spawn(emulator, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: deadlineMs })
    const ask = setInterval(() => child.stdin.write('info registers\n'), askMs)
    let works = false
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      said = (said + text.toString('latin1')).slice(-4_000)
      if (!said.includes('HLT=1')) return
      works = true
      child.kill('SIGKILL')
    })
    child.stdin.on('error', () => {})
    const end = () => {
      clearInterval(ask)
      resolve(works)
    }
    child.once('error', end)
    child.once('exit', end)
  })
}
