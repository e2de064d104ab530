import { describe, expect, it } from 'vitest'
import { memoryProblem, nameProblem, readTags, vcpusProblem } from './fields'

describe('what is typed about a VM', () => {
  it('is turned down with what would be right', () => {
    expect(nameProblem('web-17')).toBeNull()
    expect(nameProblem('-web')).toMatch(/letter or digit/)
    expect(nameProblem('')).toMatch(/name/)
    expect(vcpusProblem('2')).toBeNull()
    expect(vcpusProblem('1.5')).toMatch(/whole/)
    expect(memoryProblem('0.5')).toBeNull()
    expect(memoryProblem('much')).toMatch(/GiB/)
    expect(memoryProblem('0.001')).toMatch(/From/)
  })

  it('gives each tag once', () => {
    expect(readTags('prod, web prod')).toEqual(['prod', 'web'])
  })
})
