import type { Command } from 'commander'
import { consolidateCommand } from './consolidate/command'
import { reassignCommand } from './reassign/command'

/** `drover bench …`: the planner on public benchmarks, without a server. Their code is loaded when they run. */
export function benchCommands(program: Command): void {
  const bench = program.command('bench').description('the planner on public benchmarks, without a server')
  reassignCommand(bench)
  consolidateCommand(bench)
}
