import { type Alarm, roleAllows } from '@drover/model'
import { Check } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { useUser } from '../console/store'
import { hrefOf } from '../nav/href'
import { Link } from '../nav/link'
import { tablesNow } from '../replica/hooks'
import { Button } from '../ui/button'
import { Mark, State, type Tone } from '../ui/state'

export const alarmTones: Record<Alarm['severity'], Tone> = { warning: 'warning', error: 'error' }

/** What an alarm is about, as a link where it still has a page. */
export function AlarmAbout({ alarm }: { alarm: Alarm }) {
  const href = hrefOf(tablesNow(), alarm.about.id)
  return href ? (
    <Link plain href={href} className="truncate font-medium">
      {alarm.about.name}
    </Link>
  ) : (
    <span className="truncate font-medium">{alarm.about.name}</span>
  )
}

/** Says that one has seen it; it stays until its condition ends. Not shown to those who may never act. */
export function AcknowledgeButton({ alarm, small }: { alarm: Alarm; small?: boolean }) {
  const { role } = useUser()
  if (!roleAllows(role, 'operator') || alarm.clearedAt !== null || alarm.acknowledgedBy !== null) return null
  const run = () =>
    void act(`acknowledge the alarm about ${alarm.about.name}`, () =>
      api.alarm.acknowledge.mutate({ alarmId: alarm.id }),
    )
  return small ? (
    <Button
      look="ghost"
      icon={Check}
      className="size-6!"
      aria-label={`Acknowledge the alarm about ${alarm.about.name}`}
      title="Acknowledge"
      onClick={run}
    />
  ) : (
    <Button icon={Check} onClick={run}>
      Acknowledge
    </Button>
  )
}

/** How an alarm stands, in a word. */
export function AlarmState({ alarm }: { alarm: Alarm }) {
  if (alarm.clearedAt !== null) return <State tone="off" word="over" />
  return <State tone={alarmTones[alarm.severity]} word={alarm.severity} />
}

/** How many errors and warnings go on, each with its shape. */
export function AlarmCounts({ alarms }: { alarms: readonly Alarm[] }) {
  const of = (severity: Alarm['severity']) => alarms.filter((alarm) => alarm.severity === severity).length
  return (['error', 'warning'] as const)
    .filter((severity) => of(severity) > 0)
    .map((severity) => (
      <span key={severity} className="inline-flex items-center gap-1">
        <Mark tone={alarmTones[severity]} />
        <span className="num text-text">{of(severity)}</span>
        <span className="sr-only">{severity === 'error' ? 'errors' : 'warnings'}</span>
      </span>
    ))
}
