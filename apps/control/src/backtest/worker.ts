import { parentPort, threadId, workerData } from 'node:worker_threads'
import { type BacktestQuestion, readRecorded } from '@drover/control'
import type { LoadRules } from '@drover/model'
import { backtestOf, type Recorded, runSide, type SideResult, type Yardstick } from '@drover/planner/backtest'
import { prismaStore } from '@drover/store/prisma'
import { type Said, startWork, type Work } from './thread'

if (!parentPort) throw new Error(`Thread ${threadId} was not started for a backtest.`)
const port = parentPort
const say = (said: Said) => port.postMessage(said)
/** How much of all is done when everything has been read. */
const reading = 0.2

const work = workerData as Work
if (work.role === 'sides') say({ sides: work.rules.map((rules, i) => side(work, rules, i)) })
else await whole(work.databaseUrl, work.question)

function side(
  { recorded, yardstick, rules: all }: Work & { role: 'sides' },
  rules: LoadRules | null,
  i: number,
): SideResult {
  // Nothing takes next to no time.
  const among = all.filter((one) => one !== null).length || 1
  const before = all.slice(0, i).filter((one) => one !== null).length
  return runSide(recorded, rules, yardstick, (share) => {
    if (rules) say({ share: (before + share) / among })
    return true
  })
}

/** Reads, then has the sides worked out by two threads at once, over memory that all share. */
async function whole(url: string, question: BacktestQuestion): Promise<void> {
  const warn = (warning: string, fields: Record<string, unknown> = {}) => say({ warning, fields })
  const store = prismaStore({ url, log: { warn } })
  const recorded = await readRecorded(
    store.usage,
    question,
    (share) => say({ share: share * reading }),
    true,
  ).finally(() => store.close())
  const { present, proposed } = question.rules
  const yardstick = { limit: proposed.balance.limit, rules: proposed.rules }
  const shares = [0, 0]
  const told = (of: number) => (share: number) => {
    shares[of] = share
    say({ share: reading + (1 - reading) * Math.min(...shares) })
  }
  const [first, second] = await Promise.all([
    sides(recorded, [null, present], yardstick, told(0)),
    sides(recorded, [proposed], yardstick, told(1)),
  ])
  const found = { nothing: first[0]!, present: first[1]!, proposed: second[0]! }
  say({ backtest: backtestOf(recorded, question.rules, found) })
}

function sides(
  recorded: Recorded,
  rules: (LoadRules | null)[],
  yardstick: Yardstick,
  told: (share: number) => void,
): Promise<SideResult[]> {
  const worker = startWork({ role: 'sides', recorded, rules, yardstick })
  return new Promise((resolve, reject) => {
    worker.on('message', (said: Said) => {
      if ('share' in said) told(said.share)
      if ('sides' in said) resolve(said.sides)
    })
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`A thread of the backtest ended (exit code ${code}).`)))
  })
}
