import { isOpen, type Task, type TaskParams } from '@drover/model'
import { useMemo } from 'react'
import { useTables } from '../../replica/hooks'
import type { Box } from './layout'

/** A line from each VM that is on its way to the host that it goes to. */
export function Moves({
  blocks,
  tiles,
  height,
}: {
  blocks: ReadonlyMap<string, Box>
  tiles: ReadonlyMap<string, Box>
  height: number
}) {
  const tasks = useTables().task
  const moves = useMemo(
    () => [...tasks.values()].filter((task) => isOpen(task) && task.kind === 'vm.migrate'),
    [tasks],
  )
  if (moves.length === 0) return null
  return (
    <svg
      aria-hidden="true"
      className="pointer-events-none absolute inset-0 z-20 size-full text-working"
      height={height}
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" fill="currentColor" />
        </marker>
      </defs>
      {moves.map((task) => (
        <Line key={task.id} task={task} blocks={blocks} tiles={tiles} />
      ))}
    </svg>
  )
}

function Line({
  task,
  blocks,
  tiles,
}: {
  task: Task
  blocks: ReadonlyMap<string, Box>
  tiles: ReadonlyMap<string, Box>
}) {
  const { targetId } = task.params as TaskParams['vm.migrate']
  const from = blocks.get(task.vmId ?? '')
  const to = tiles.get(targetId)
  if (!from || !to) return null
  return (
    <line
      x1={from.x + from.width / 2}
      y1={from.y + from.height / 2}
      x2={to.x + to.width / 2}
      y2={to.y + to.height / 2}
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray={task.state === 'queued' ? '2 4' : '6 3'}
      markerEnd="url(#arrow)"
    />
  )
}
