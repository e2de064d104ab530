import { cares, powers } from './host-stories'
import type { Story } from './story'

/** Of the small shape: web-1 and web-2 run on shared storage on esx-1 and esx-2, web-3 is off there; db-4 runs and db-5 is off on local disks of esx-1. */
export const migrations: Story[] = [
  {
    name: 'live migration',
    request: { kind: 'migrate', vm: 'web-1', to: 'esx-2', method: 'live' },
    hosts: ['esx-1', 'esx-2'],
  },
  {
    name: 'live migration with disks',
    request: { kind: 'migrate', vm: 'db-4', to: 'esx-2', method: 'live-with-disks' },
    hosts: ['esx-1', 'esx-2'],
  },
  {
    name: 'cold migration of a running VM',
    request: { kind: 'migrate', vm: 'db-4', to: 'esx-2', method: 'cold' },
    hosts: ['esx-1', 'esx-2'],
  },
  {
    name: 'cold migration of a VM that is off',
    request: { kind: 'migrate', vm: 'db-5', to: 'esx-3', method: 'cold' },
    hosts: ['esx-1', 'esx-3'],
  },
  {
    name: 'cold migration on shared storage',
    request: { kind: 'migrate', vm: 'web-3', to: 'esx-3', method: 'cold' },
    hosts: ['esx-1', 'esx-3'],
  },
]

export const verbs: Story[] = [
  {
    name: 'create',
    request: { kind: 'create', vm: 'new-1', on: 'esx-2', powerOn: true },
    hosts: ['esx-2', 'esx-2'],
  },
  { name: 'delete', request: { kind: 'delete', vm: 'web-3' }, hosts: ['esx-1', 'esx-1'] },
  {
    name: 'change',
    request: { kind: 'change', vm: 'web-3', changes: { vcpus: 4, notes: 'larger' } },
    hosts: ['esx-1', 'esx-1'],
  },
  { name: 'start', request: { kind: 'start', vm: 'web-3' }, hosts: ['esx-1', 'esx-1'] },
  { name: 'shut down', request: { kind: 'shutdown', vm: 'web-1' }, hosts: ['esx-1', 'esx-1'] },
  { name: 'stop', request: { kind: 'stop', vm: 'web-1' }, hosts: ['esx-1', 'esx-1'] },
  { name: 'reboot', request: { kind: 'reboot', vm: 'web-1' }, hosts: ['esx-1', 'esx-1'] },
  { name: 'reset', request: { kind: 'reset', vm: 'web-1' }, hosts: ['esx-1', 'esx-1'] },
  { name: 'suspend', request: { kind: 'suspend', vm: 'web-1' }, hosts: ['esx-1', 'esx-1'] },
  {
    name: 'resume',
    before: [{ kind: 'suspend', vm: 'web-1' }],
    request: { kind: 'resume', vm: 'web-1' },
    hosts: ['esx-1', 'esx-1'],
  },
]

/** Of hosts: `npm run sim -- --crash` strikes at every point of them, tests at a few. */
export const hostStories: readonly Story[] = [...powers, ...cares]

/** The story of that name. Throws when there is none. */
export function storyNamed(name: string): Story {
  const story = [...migrations, ...verbs, ...hostStories].find((one) => one.name === name)
  if (!story) throw new Error(`there is no story "${name}"`)
  return story
}
