import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** Without these a figure means nothing: what was run, on what, when, with which versions. */
export function machine(command: string): string[] {
  const [cpu] = cpus()
  const kvm = existsSync('/dev/kvm') ? '/dev/kvm is there' : 'no /dev/kvm'
  const memoryGiB = (totalmem() / 1024 ** 3).toFixed(1)
  return [
    `command   ${command}`,
    `date      ${new Date().toISOString()}`,
    `machine   ${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${memoryGiB} GiB, ${kvm}`,
    `system    Linux ${release()}, Node.js ${process.versions.node}`,
    `hypervisor ${said('qemu-system-x86_64', '--version')}; ${said('libvirtd', '--version')}`,
    `source    ${said('git', 'log', '-1', '--format=%h %cI')}${said('git', 'status', '--porcelain', '-uno') === 'none' ? '' : ', with changes'}`,
    '',
  ]
}

function said(program: string, ...args: string[]): string {
  try {
    const text = execFileSync(program, args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text.trim().split('\n')[0] || 'none'
  } catch {
    return `no ${program}`
  }
}
