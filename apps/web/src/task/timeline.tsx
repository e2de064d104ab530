import {
  type Progress,
  type Step,
  sayBytes,
  sayDuration,
  sayPercent,
  sayRate,
  type Task,
} from '@drover/model'
import { useProgress, useRow } from '../replica/hooks'
import { useTimed } from '../ui/clock'
import { cx } from '../ui/cx'
import { State, type Tone } from '../ui/state'

const tones: Record<Step['state'], { tone: Tone; word: string; bar: string }> = {
  pending: { tone: 'off', word: 'to come', bar: '' },
  running: { tone: 'working', word: 'under way', bar: 'bg-working' },
  done: { tone: 'ok', word: 'done', bar: 'bg-ok' },
  failed: { tone: 'error', word: 'failed', bar: 'bg-error' },
  skipped: { tone: 'off', word: 'not needed', bar: '' },
}

const cancelled: (typeof tones)[Step['state']] = { tone: 'off', word: 'cancelled', bar: 'bg-off' }

/** One bar a step, to scale. */
export function Timeline({ task }: { task: Task }) {
  const end = useTimed((now) => task.endedAt ?? Math.max(now, task.createdAt + 1))
  return (
    <ol>
      {task.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their places; a name may come twice
        <StepRow key={i} step={step} task={task} end={end} />
      ))}
    </ol>
  )
}

function StepRow({ step, task, end }: { step: Step; task: Task; end: number }) {
  const live = useProgress(task.id)
  const host = useRow('host', step.hostId)
  const span = Math.max(1, end - task.createdAt)
  // Whoever cancelled it wanted that: nothing failed.
  const look = step.state === 'failed' && task.state === 'cancelled' ? cancelled : tones[step.state]
  const from = step.startedAt === null ? null : (step.startedAt - task.createdAt) / span
  const to = ((step.endedAt ?? end) - task.createdAt) / span
  const progress = step.state === 'running' ? (live ?? step.progress) : step.progress
  return (
    <li className="grid grid-cols-[minmax(230px,1fr)_90px_minmax(120px,2fr)_88px] items-center gap-x-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-[1fr_90px_80px]">
      <span className={cx('truncate', step.state === 'pending' && 'text-text-3')}>
        {step.name === 'next host' ? host?.name : step.name}
        {host && step.name !== 'next host' && <span className="text-text-3"> · {host.name}</span>}
      </span>
      <State tone={look.tone} word={look.word} />
      <span className="relative h-2 rounded-sm bg-sunken max-md:hidden" aria-hidden>
        {from !== null && (
          <span
            className={cx('absolute inset-y-0 min-w-0.5 rounded-sm', look.bar)}
            style={{ left: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` }}
          />
        )}
      </span>
      <span className="num text-right text-text-2">
        {step.startedAt !== null && sayDuration((step.endedAt ?? end) - step.startedAt)}
      </span>
      {progress && <Figures progress={progress} />}
    </li>
  )
}

function Figures({ progress }: { progress: Progress }) {
  const parts = [
    progress.fraction < 1 && sayPercent(progress.fraction),
    progress.doneBytes !== null &&
      (progress.totalBytes
        ? `${sayBytes(progress.doneBytes)} of ${sayBytes(progress.totalBytes)}`
        : sayBytes(progress.doneBytes)),
    progress.bytesPerSecond ? sayRate(progress.bytesPerSecond) : null,
    progress.remainingMs ? `${sayDuration(progress.remainingMs)} left` : null,
    progress.downtimeMs !== null && `${sayDuration(progress.downtimeMs)} standstill`,
  ].filter(Boolean)
  return <span className="num col-span-full text-text-3">{parts.join(' · ')}</span>
}
