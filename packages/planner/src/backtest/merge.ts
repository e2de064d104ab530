import type { Backtest, LoadPicture, LoadRules } from '@drover/model'
import { sayCount, sayList } from '@drover/model'
import { type Recorded, recentSteps, rowOf, stepMs } from './recorded'
import type { SideResult } from './side'

/** Three sides as one answer, with what the recording lacks. */
export function backtestOf(
  recorded: Recorded,
  rules: { present: LoadRules; proposed: LoadRules },
  sides: { nothing: SideResult; present: SideResult; proposed: SideResult },
): Backtest {
  const { nothing, present, proposed } = sides
  const { picture, fromAt, steps } = recorded
  return {
    fromAt,
    toAt: fromAt + steps * stepMs,
    hosts: picture.hosts.length,
    vms: picture.vms.length,
    steps: nothing.steps,
    nothing: nothing.total,
    present: present.total,
    proposed: proposed.total,
    days: nothing.days.map(({ day, side }, i) => ({
      day,
      nothing: side,
      present: present.days[i]!.side,
      proposed: proposed.days[i]!.side,
    })),
    gaps: [...gapsOf(recorded, nothing), ...assumptions(picture, rules)],
  }
}

/** "22 Nov 03:00" */
const moment = (at: number): string =>
  `${new Date(at).toUTCString().slice(5, 11)} ${new Date(at).toISOString().slice(11, 16)}`

function gapsOf(recorded: Recorded, { unheard, steps }: SideResult): string[] {
  const gaps: string[] = []
  if (steps === 0)
    return ['Nothing was recorded of these days. Choose others, or wait until some have passed.']
  const long = unheard.filter(({ fromAt, toAt }) => toAt - fromAt > stepMs)
  for (const { fromAt, toAt } of long.slice(0, 5))
    gaps.push(
      `From ${moment(fromAt)} to ${moment(toAt)} UTC nothing was recorded: that time counts for nothing.`,
    )
  if (long.length > 5) gaps.push(`There are ${long.length - 5} more such gaps.`)
  const { picture, usage } = recorded
  const row = rowOf(recorded)
  const [never, partly]: [string[], string[]] = [[], []]
  for (const [vm, { name }] of picture.vms.entries()) {
    const from = vm * row + recentSteps
    const column = usage.cpuMean.subarray(from, from + recorded.steps)
    let heard = 0
    for (let i = 0; i < column.length; i += 1) if (!Number.isNaN(column[i]!)) heard += 1
    if (heard === 0) never.push(name)
    else if (heard < 0.9 * steps) partly.push(name)
  }
  const named = (names: string[]) =>
    sayList(names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names)
  if (never.length > 0)
    gaps.push(
      `Of ${named(never)} nothing was recorded: ${never.length === 1 ? 'it is' : 'they are'} left out.`,
    )
  if (partly.length > 0)
    gaps.push(
      `${named(partly)} ${partly.length === 1 ? 'was' : 'were'} recorded for less than 90 % of the time; they count while they were.`,
    )
  return gaps
}

function assumptions(
  { hosts }: LoadPicture,
  { present, proposed }: { present: LoadRules; proposed: LoadRules },
): string[] {
  const said: string[] = []
  const asks = ({ balance, power, thresholds }: LoadRules) =>
    balance.mode === 'manual' ||
    balance.mode === 'partial' ||
    power.mode === 'manual' ||
    (balance.mode !== 'off' &&
      thresholds.some(({ enabled, automation }) => enabled && automation === 'manual'))
  const which = [
    ...(asks(present) ? ['the present rules'] : []),
    ...(asks(proposed) ? ['the proposed rules'] : []),
  ]
  if (which.length > 0) said.push(`What ${which.join(' and ')} would only recommend counts as done at once.`)
  const unproven = hosts.filter(({ wakeProven, accepts }) => accepts && !wakeProven).length
  if (unproven > 0 && [present, proposed].some(({ power }) => power.mode !== 'off'))
    said.push(
      `${sayCount(unproven, 'host')} never slept, because it was not proven that they wake up again. Test it, and they count.`,
    )
  return said
}
