import type { Alarm } from '@drover/model'
import { AcknowledgeButton, AlarmAbout, alarmTones } from '../../alarm/lines'
import { Mark } from '../../ui/state'
import { At } from '../../ui/time'

/** What is wrong now, one line an alarm. */
export function DockAlarms({ alarms }: { alarms: readonly Alarm[] }) {
  if (alarms.length === 0) {
    return (
      <p className="px-4 py-3 text-text-3">
        Nothing is wrong. Conditions that somebody should know of show up here, and go when they are mended.
      </p>
    )
  }
  return (
    <ul>
      {alarms.map((alarm) => (
        <li
          key={alarm.id}
          className="grid min-h-7 grid-cols-[12px_minmax(90px,150px)_1fr_auto_64px_28px] items-center gap-x-3 border-b border-line px-4 last:border-0 hover:bg-hover max-md:grid-cols-[12px_90px_1fr_28px]"
        >
          <Mark tone={alarmTones[alarm.severity]} label={alarm.severity} />
          <AlarmAbout alarm={alarm} />
          <span className="truncate text-text-2 max-md:whitespace-normal" title={alarm.text}>
            {alarm.text}
          </span>
          <span className="text-text-3 max-md:hidden">
            {alarm.acknowledgedBy && `seen by ${alarm.acknowledgedBy}`}
          </span>
          <At at={alarm.raisedAt} className="num text-text-3 max-md:hidden" />
          <AcknowledgeButton alarm={alarm} small />
        </li>
      ))}
    </ul>
  )
}
