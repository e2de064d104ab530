import type { Event } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { csvCell, toCsv } from './export'

describe('history as a file', () => {
  it('quotes what a table would trip over', () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"')
    expect(csvCell(-5)).toBe('-5')
  })

  it('never hands a spreadsheet a formula', () => {
    expect(csvCell('=1+1')).toBe("'=1+1")
  })

  it('is one line an event', () => {
    const event: Event = {
      seq: 7,
      at: 0,
      initiator: { kind: 'user', id: 'u', name: 'anna' },
      body: { kind: 'vm.deleted', vm: { id: 'vm-1', name: 'web-1' } },
      reason: 'no longer used, says "bo"',
      severity: 'info',
      subjects: ['vm-1'],
      taskId: null,
      rows: [],
      hash: 'ab',
    }
    expect(toCsv([event]).split('\r\n')).toEqual([
      'number,time,severity,by,event,reason,kind,objects,hash',
      '7,1970-01-01T00:00:00.000Z,info,anna,web-1 was deleted.,"no longer used, says ""bo""",vm.deleted,vm-1,ab',
      '',
    ])
  })
})
