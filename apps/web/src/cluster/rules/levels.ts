import { type BalanceLevel, type BalanceSettings, balanceLevels } from '@drover/model'

export const modeWords: Record<BalanceSettings['mode'], { label: string; means: string }> = {
  off: { label: 'off', means: 'Load is not looked at, and nothing is recommended.' },
  manual: { label: 'manual', means: 'Moves are recommended; a person applies them.' },
  partial: { label: 'partial', means: 'VMs start where the load is lowest; moves are recommended.' },
  full: { label: 'full', means: 'Moves are made by themselves, each with its record.' },
}

export const aimWords: Record<BalanceSettings['aim'], { label: string; means: string }> = {
  spread: { label: 'keep hosts even', means: 'Hosts are kept about evenly loaded.' },
  overload: { label: 'only take overloads away', means: 'Nothing moves before a host is overloaded.' },
}

export const byWords: Record<BalanceSettings['by'], string> = {
  'actual-load': 'what VMs use',
  'configured-size': 'what VMs were given',
}

/** Settings with the figures that a level stands for. */
export function withLevel(settings: BalanceSettings, level: BalanceLevel): BalanceSettings {
  return { ...settings, ...balanceLevels[level].figures, level }
}
