import type { Request } from '../workload/requests'
import type { Site } from '../world/site'
import type { Story } from './story'

/** Every host has a board, and was seen to wake up; nobody but people puts hosts to sleep. */
const boards: Partial<Site> = {
  ha: { mode: 'armed', admission: { by: 'hosts', hostFailures: 1, reservedShare: 0, action: 'warn' } },
  devices: ['esx-1', 'esx-2', 'esx-3'].map((host) => ({ name: `bmc-${host}`, host, kind: 'bmc', level: 1 })),
  bootMs: 4_000,
  load: { balance: {}, power: {}, proven: ['esx-1', 'esx-2', 'esx-3'], idle: true },
}

const livesThere: Request[] = [{ kind: 'migrate', vm: 'web-3', to: 'esx-2', method: 'cold' }]
const byHand = { host: 'esx-2', evenIfNeeded: false } as const

/** web-2 runs on esx-2; web-3, which is off, has come to live there. */
export const powers: Story[] = [
  {
    name: 'sleep',
    site: boards,
    before: livesThere,
    request: { kind: 'put to sleep', ...byHand, test: false },
    hosts: ['esx-2', 'esx-2'],
  },
  {
    name: 'wake',
    site: boards,
    before: [{ kind: 'put to sleep', ...byHand, test: false }],
    request: { kind: 'wake', host: 'esx-2' },
    hosts: ['esx-2', 'esx-2'],
  },
  {
    name: 'prove that it wakes',
    site: boards,
    request: { kind: 'put to sleep', ...byHand, test: true },
    hosts: ['esx-2', 'esx-2'],
  },
]

const emptied = { site: boards, before: livesThere, hosts: ['esx-2', 'esx-3'], whole: true }

/** High availability and maintenance: web-2 runs on esx-2, and web-3, which is off, has come to live there. */
export const cares: Story[] = [
  {
    name: 'a host loses its power',
    // Boards with a supply of their own, which can say so.
    site: { ...boards, devices: boards.devices!.map((board) => ({ ...board, sharesPower: false })) },
    request: { kind: 'loses power', host: 'esx-2' },
    hosts: ['esx-2', 'esx-3'],
    whole: true,
  },
  {
    name: 'fence',
    site: boards,
    request: { kind: 'fence', host: 'esx-2' },
    hosts: ['esx-2', 'esx-3'],
    whole: true,
  },
  {
    name: 'power on',
    site: boards,
    before: [{ kind: 'fence', host: 'esx-2' }],
    request: { kind: 'power on', host: 'esx-2' },
    hosts: ['esx-2', 'esx-2'],
  },
  {
    ...emptied,
    name: 'evacuate',
    request: { kind: 'evacuate', host: 'esx-2', partial: false },
  },
  {
    ...emptied,
    name: 'enter maintenance',
    request: { kind: 'enter maintenance', host: 'esx-2', partial: false },
  },
  {
    name: 'leave maintenance',
    site: boards,
    before: [...livesThere, { kind: 'enter maintenance', host: 'esx-2', partial: false }],
    request: { kind: 'leave maintenance', host: 'esx-2', home: true },
    hosts: ['esx-3', 'esx-2'],
    whole: true,
  },
  {
    ...emptied,
    name: 'reboot, guests moved',
    request: { kind: 'shut down host', host: 'esx-2', reboot: true, guests: 'evacuate' },
  },
  {
    name: 'reboot, guests wait',
    site: boards,
    before: livesThere,
    request: { kind: 'shut down host', host: 'esx-2', reboot: true, guests: 'restartInPlace' },
    hosts: ['esx-2', 'esx-2'],
    whole: true,
  },
]
