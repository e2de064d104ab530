import { describe, expect, it } from 'vitest'
import { problemOf } from './testing/problems'

const lines = [
  '2',
  '1 10',
  '0 5',
  '2',
  '7 3 10 20 8 16 0 300',
  '7 9 11 21 9 17 2 0',
  '2',
  '1 1 1',
  '0 0',
  '2',
  '0 1 2 3',
  '1 4 5 6',
  '1',
  '0 1 2 30',
  '1 10 100',
]
const model = lines.join('\n')
const changed = (line: number, to: string) => lines.with(line - 1, to).join('\n')

describe('the format of the challenge', () => {
  it('is read whole', () => {
    const problem = problemOf(model, '0 1\n')
    expect(problem).toMatchObject({ resources: 2, machines: 2, services: 2, processes: 2, balances: 1 })
    expect([...problem.transient]).toEqual([1, 0])
    expect([...problem.capacity]).toEqual([10, 20, 11, 21])
    expect([...problem.safety]).toEqual([8, 16, 9, 17])
    expect([...problem.machineMoveCost]).toEqual([0, 300, 2, 0])
    expect([problem.neighbourhoods, problem.locations]).toEqual([1, 2])
    expect([...problem.dependsOn]).toEqual([1])
    expect([...problem.neededBy]).toEqual([0])
    expect([...problem.need]).toEqual([1, 2, 4, 5])
    expect([...problem.moveCost]).toEqual([3, 6])
    expect([problem.balanceTarget[0], problem.balanceWeight[0]]).toEqual([2, 30])
    expect([problem.processMoveWeight, problem.serviceMoveWeight, problem.machineMoveWeight]).toEqual([
      1, 10, 100,
    ])
    expect([...problem.initial]).toEqual([0, 1])
  })

  it('does not mind how lines end, blanks at the end, or a byte order mark', () => {
    const plain = problemOf(model, '0 1')
    expect(problemOf(`\u00ef\u00bb\u00bf${lines.join('\r\n')}\r\n \r\n`, ' 0\r\n1 \r\n')).toEqual(plain)
  })

  it.each([
    [changed(5, '7 3 NaN 20 8'), '0 1', 'line 5: “NaN” stands where the capacity of resource 0 of machine 0'],
    [
      changed(5, '7 3 99999999999999999999 20 8 16 0 300'),
      '0 1',
      'line 5: “99999999999999999999” stands where the capacity of resource 0 of machine 0 should be',
    ],
    [
      changed(5, '7 3 10 20 8 16 0 3000000000'),
      '0 1',
      'line 5: “3000000000” stands where the cost of a move to machine 1 of machine 0 should be',
    ],
    [model, '0 -1', 'assignment, line 1: “-1” stands where the machine of process 1 should be'],
    [changed(2, '2 10'), '0 1', 'model, line 2: “2” stands where the transient mark of resource 0 should be'],
    [
      changed(5, '7 3 10 x 8'),
      '0 1',
      'model, line 5: “x” stands where the capacity of resource 1 of machine 0',
    ],
    [changed(5, '7 3 10 1.5 8'), '0 1', 'model, line 5: “1.5” stands where the capacity of resource 1'],
    [
      changed(8, '1 1 2'),
      '0 1',
      'line 8: “2” stands where the dependency 0 of service 0 should be, a number from 0 to 1',
    ],
    [changed(12, '2 4 5 6'), '0 1', 'line 12: “2” stands where the service of process 1 should be'],
    [
      changed(12, '1 4 -5 6'),
      '0 1',
      'line 12: “-5” stands where the need of resource 1 of process 1 should be, a number at least 0',
    ],
    [
      changed(10, '99999999'),
      '0 1',
      'line 10: the number of processes is 99999999, and the text is too short',
    ],
    [
      lines.slice(0, -1).join('\n'),
      '0 1',
      'model, line 14: the text ends where the process weight of a move',
    ],
    [`${model}\n8`, '0 1', 'model, line 16: “8” stands after the last number.'],
    [model, '0', 'assignment, line 1: the text ends where the machine of process 1 should be'],
    [
      model,
      '0 2',
      'assignment, line 1: “2” stands where the machine of process 1 should be, a number from 0 to 1',
    ],
    [model, '0 1\n1', 'assignment, line 2: “1” stands after the last number.'],
    ['', '0', 'model, line 1: the text ends where the number of resources should be'],
  ])('says which line and field is wrong (%#)', (text, assignment, message) => {
    expect(() => problemOf(text, assignment)).toThrow(message)
  })
})
