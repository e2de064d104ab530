import { Command, InvalidArgumentError } from 'commander'
import { afterEach, expect, it, vi } from 'vitest'
import { runs } from './context'
import { positionOf } from './decision/commands'
import { integer, orUnlimited } from './output/quantity'

afterEach(() => {
  process.exitCode = 0
  vi.restoreAllMocks()
})

it('a value that is turned down while a command runs is a wrong command line, and no stack trace', async () => {
  const said: unknown[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(text) > 0)
  const command = new Command('apply').argument('<move>').option('-o, --output <format>', '', 'table')
  command.action(runs<[string]>(async (_context, _options, move) => void positionOf(move)))
  for (const wrong of ['x', '0']) await command.parseAsync([wrong], { from: 'user' })
  expect(said).toEqual(['Give a whole number.\n', 'Moves are counted from 1. See: drover decision show\n'])
  expect(process.exitCode).toBe(2)
})

it('moves are counted from 1, and a limit can be taken away', () => {
  expect(positionOf('3')).toBe(2)
  expect(orUnlimited(integer)('unlimited')).toBeNull()
  expect(orUnlimited(integer)('7')).toBe(7)
  expect(() => orUnlimited(integer)('none')).toThrow(InvalidArgumentError)
})
