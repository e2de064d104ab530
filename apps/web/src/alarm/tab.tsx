import type { Alarm } from '@drover/model'
import { BellOff } from 'lucide-react'
import { useMemo } from 'react'
import { List } from '../nav/list'
import { useTables } from '../replica/hooks'
import { alarmsIn, type Scope } from '../replica/look'
import { Blank } from '../ui/blank'
import type { Column, Order } from '../ui/table/column'
import { At } from '../ui/time'
import { AcknowledgeButton, AlarmAbout, AlarmState } from './lines'

const columns: Column<Alarm>[] = [
  {
    id: 'state',
    header: 'State',
    width: '92px',
    value: (alarm) => (alarm.clearedAt !== null ? 2 : alarm.severity === 'error' ? 0 : 1),
    text: (alarm) => (alarm.clearedAt !== null ? 'over' : alarm.severity),
    cell: (alarm) => <AlarmState alarm={alarm} />,
  },
  {
    id: 'about',
    header: 'About',
    width: 'minmax(96px, .8fr)',
    value: (alarm) => alarm.about.name,
    text: (alarm) => alarm.about.name,
    cell: (alarm) => <AlarmAbout alarm={alarm} />,
  },
  {
    id: 'text',
    header: 'What is wrong, and what to do',
    width: 'minmax(200px, 5fr)',
    wrap: true,
    value: (alarm) => alarm.text,
    text: (alarm) => alarm.text,
    cell: (alarm) => alarm.text,
  },
  {
    id: 'raised',
    header: 'Since',
    width: '110px',
    value: (alarm) => alarm.raisedAt,
    cell: (alarm) => <At at={alarm.raisedAt} className="num" />,
  },
  {
    id: 'cleared',
    header: 'Until',
    width: '110px',
    value: (alarm) => alarm.clearedAt,
    cell: (alarm) => alarm.clearedAt !== null && <At at={alarm.clearedAt} className="num" />,
  },
  {
    id: 'seen',
    header: 'Acknowledged',
    width: '140px',
    value: (alarm) => alarm.acknowledgedBy,
    text: (alarm) => alarm.acknowledgedBy ?? '',
    cell: (alarm) =>
      alarm.acknowledgedBy ? `by ${alarm.acknowledgedBy}` : <AcknowledgeButton alarm={alarm} />,
  },
]
const worstFirst: Order = { column: 'state', descending: false }

/** The alarms of any place: what goes on, then what is over. */
export function AlarmsTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from this table only
  const rows = useMemo(() => alarmsIn(tables, scope), [tables.alarm, scope.id])
  return (
    <List
      label="Alarms"
      noun="alarm"
      rows={rows}
      columns={columns}
      fallback={worstFirst}
      empty={
        <Blank icon={BellOff} title="No alarm">
          A condition that somebody should know of, such as a host without a fence device or a VM that does
          not start, shows up here by itself and goes when it is mended.
        </Blank>
      }
    />
  )
}
