import type { BalanceSettings } from './settings'

export type BalanceLevel = NonNullable<BalanceSettings['level']>
/** The figures that a level stands for. */
export type LevelFigures = Pick<BalanceSettings, 'spread' | 'minGain' | 'minShare' | 'worthwhile' | 'holdMs'>

export const balanceLevels: Readonly<
  Record<BalanceLevel, { name: string; text: string; figures: LevelFigures }>
> = {
  1: {
    name: 'conservative',
    text: 'Moves VMs only when hosts are far apart for a quarter of an hour, and only for a large gain. Few moves; for VMs that hardly bear being moved.',
    figures: { spread: 0.15, minGain: 0.02, minShare: 0.2, worthwhile: 0.08, holdMs: 900_000 },
  },
  2: {
    name: 'careful',
    text: 'Moves VMs when hosts are clearly apart for ten minutes. For clusters whose load changes slowly.',
    figures: { spread: 0.1, minGain: 0.015, minShare: 0.15, worthwhile: 0.04, holdMs: 600_000 },
  },
  3: {
    name: 'moderate',
    text: 'Moves VMs when hosts are apart for five minutes and it is worth the disturbance. Right for most clusters.',
    figures: { spread: 0.05, minGain: 0.01, minShare: 0.1, worthwhile: 0.02, holdMs: 300_000 },
  },
  4: {
    name: 'eager',
    text: 'Moves VMs for smaller differences, after three minutes. For clusters whose load changes often.',
    figures: { spread: 0.03, minGain: 0.005, minShare: 0.05, worthwhile: 0.01, holdMs: 180_000 },
  },
  5: {
    name: 'aggressive',
    text: 'Moves VMs for any gain to speak of, after one minute. Many moves; for fast networks and VMs that bear it well.',
    figures: { spread: 0.02, minGain: 0.002, minShare: 0.03, worthwhile: 0.005, holdMs: 60_000 },
  },
}

/** The level whose figures these are; null: they were chosen one by one. */
export function levelOf(settings: LevelFigures): BalanceLevel | null {
  for (const level of [1, 2, 3, 4, 5] as const) {
    const { figures } = balanceLevels[level]
    if ((Object.keys(figures) as (keyof LevelFigures)[]).every((field) => figures[field] === settings[field]))
      return level
  }
  return null
}
