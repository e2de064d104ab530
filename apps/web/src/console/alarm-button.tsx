import { sayCount } from '@drover/model'
import { Bell } from 'lucide-react'
import { AlarmCounts } from '../alarm/lines'
import { useTables } from '../replica/hooks'
import { openAlarmsIn } from '../replica/look'
import { Button } from '../ui/button'
import { useConsole } from './store'

/** How many things are wrong, from every page; opens them in the dock. */
export function AlarmButton() {
  const alarms = openAlarmsIn(useTables(), { noun: 'root', id: null })
  const errors = alarms.filter((alarm) => alarm.severity === 'error').length
  const says =
    alarms.length === 0
      ? 'No alarms'
      : `Alarms: ${sayCount(errors, 'error')}, ${sayCount(alarms.length - errors, 'warning')}`
  return (
    <Button
      look="ghost"
      aria-label={says}
      title={says}
      onClick={() => useConsole.setState({ dockTab: 'alarms', dockOpen: true })}
    >
      {alarms.length === 0 ? (
        <Bell size={14} strokeWidth={1.75} aria-hidden />
      ) : (
        <AlarmCounts alarms={alarms} />
      )}
    </Button>
  )
}
