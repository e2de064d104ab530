import type { Victim } from './story'

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

export const powerVictims: Victim[] = [
  'control',
  'lone control',
  'store',
  'source agent',
  'line',
  'source power',
  'devices lie',
  'devices refuse',
  'devices are gone',
  'source boots',
  'source never comes',
  'VMs start',
]
