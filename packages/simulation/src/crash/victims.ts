import { powers } from './host-stories'
import type { Story, Victim } from './story'

export const migrationVictims: Victim[] = [
  'control',
  'lone control',
  'store',
  'source agent',
  'source agent, back at once',
  'target agent',
  'line',
  'source power',
  'target power',
]

export const verbVictims: Victim[] = [
  'control',
  'lone control',
  'store',
  'source agent',
  'line',
  'source power',
]

const deviceVictims: Victim[] = ['devices lie', 'devices refuse', 'devices are gone']

const powerVictims: Victim[] = [
  ...verbVictims,
  ...deviceVictims,
  'source boots',
  'source never comes',
  'VMs start',
]

/** Who is struck in a story of a host. */
export function victimsOf(story: Story): Victim[] {
  return powers.includes(story) ? powerVictims : [...verbVictims, 'target power', ...deviceVictims]
}
