import { type Recovery, roleAllows, sayRefusal, type Vm } from '@drover/model'
import { act } from '../api/act'
import { api } from '../api/client'
import { isolationWords } from '../cluster/ha/fields'
import { useUser } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow } from '../replica/hooks'
import { useStanding } from '../replica/standing'
import { Button } from '../ui/button'
import { Facts, Panel } from '../ui/facts'
import { Notice } from '../ui/notice'
import { State } from '../ui/state'
import { Since } from '../ui/time'
import { restartWords } from './configure'

const causes: Record<Recovery['cause'], string> = {
  host_lost: 'was lost with',
  crashed: 'crashed on',
  wanted: 'should run, and does not. It was asked to on',
}

/** A VM that should run and does not: since when, why it does not start, and what would help. */
export function RecoveryNotice({ vm }: { vm: Vm }) {
  const { recovery } = vm
  const { role } = useUser()
  const standing = useStanding()
  if (!recovery) return null
  const reasons = standing ? [standing] : []
  const want = (desired: Vm['desired']) =>
    void act(`say that ${vm.name} should be ${desired === 'running' ? 'running' : 'off'}`, () =>
      api.vm.setDesired.mutate({ vmId: vm.id, desired }),
    )
  return (
    <Notice
      tone={recovery.state === 'error' ? 'error' : recovery.state === 'starting' ? 'working' : 'warning'}
    >
      <div className="min-w-0 flex-1">
        <p>
          {vm.name} {causes[recovery.cause]}{' '}
          <Link href={paths.object(recovery.from.id)} className="in-text">
            {recovery.from.name}
          </Link>{' '}
          <span className="text-text-3">
            (<Since at={recovery.since} />)
          </span>
          {recovery.state === 'starting' && ' and is being started.'}
          {recovery.state === 'waiting' &&
            (recovery.why.length > 0 ? '. It waits:' : '. It waits for its turn.')}
          {recovery.state === 'error' && '. It was given up:'}
        </p>
        {recovery.why.length > 0 && (
          <ul className="list-disc pl-4 text-text-2">
            {recovery.why.map((refusal) => (
              <li key={sayRefusal(refusal)}>{sayRefusal(refusal)}</li>
            ))}
          </ul>
        )}
      </div>
      {roleAllows(role, 'operator') && (
        <>
          {recovery.state === 'error' && (
            <Button reasons={reasons} onClick={() => want('running')}>
              Try again
            </Button>
          )}
          <Button look="ghost" reasons={reasons} onClick={() => want('stopped')}>
            Leave it off
          </Button>
        </>
      )}
      {recovery.incidentId && <Link href={paths.incident(recovery.incidentId)}>Incident</Link>}
    </Notice>
  )
}

/** How a VM is looked after, in a few lines. */
export function VmHaSummary({ vm }: { vm: Vm }) {
  const cluster = useRow('cluster', vm.clusterId)
  const home = useRow('host', vm.homeId)
  const { ha } = vm
  const response = ha.isolation ?? cluster?.ha.isolationResponse
  const armed = cluster?.ha.mode === 'armed'
  return (
    <Panel title="High availability" aside={<Link href={paths.object(vm.id, 'configure')}>Configure</Link>}>
      <Facts
        rows={[
          [
            'Should',
            vm.desired === 'running' ? (
              <State key="d" tone="ok" word="run" />
            ) : (
              <State key="d" tone="off" word="stay off" />
            ),
          ],
          [
            'Restart',
            ha.restart === 'none' ? (
              restartWords.none.label
            ) : (
              <span key="r">
                {restartWords[ha.restart].label}, tier {ha.tier}
                {!armed && <span className="text-warning">, but its cluster is disarmed</span>}
              </span>
            ),
          ],
          response && [
            'If cut off',
            `${isolationWords[response].replace('them', 'it')}${ha.isolation ? '' : ', as its cluster says'}`,
          ],
          home &&
            vm.homeId !== vm.hostId && [
              'Home',
              <Link key="h" href={paths.object(home.id)}>
                {home.name}
              </Link>,
            ],
        ]}
      />
    </Panel>
  )
}
