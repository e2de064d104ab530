import { type Host, type Ref, sayCount, sayWaiting } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { openTaskOfHost, vmsByHost } from '../replica/look'
import { useTimed } from '../ui/clock'
import { Notice } from '../ui/notice'
import { At, Since } from '../ui/time'
import { hostState, isAsleep, isQuarantined } from './state'

/** What has to be known of a host before anything else, one line a matter. */
export function HostNotices({ host }: { host: Host }) {
  const tables = useTables()
  const vms = vmsByHost(tables).get(host.id) ?? []
  const running = vms.filter((vm) => vm.power === 'running').length
  const quarantined = useTimed(() => isQuarantined(host))
  const task = openTaskOfHost(tables, host.id)
  const unproven = useTimed((now) => (task?.waiting?.code === 'proof' ? sayWaiting(task.waiting, now) : ''))
  return (
    <>
      {host.state === 'suspect' && (
        <Notice tone="warning">
          <span>
            The agent of {host.name} has been silent <Since at={host.stateSince} />. What it runs is not
            known: {sayCount(running, 'VM')} ran there when it was last heard. Check the machine, its line and
            its agent.
          </span>
        </Notice>
      )}
      {host.state === 'unwatched' && (
        <Notice tone="warning">
          <span>
            The agent of {host.name} was stopped <Since at={host.stateSince} />
            {host.facts?.goodbye && ` by ${host.facts.goodbye.why}`}. {sayCount(running, 'VM')} ran there
            then, and nobody watches them: they are restarted elsewhere only if a fence device says that the
            host is off. Start its agent there: systemctl start drover-agent.
          </span>
        </Notice>
      )}
      {host.state === 'isolated' && (
        <Notice tone="warning">
          <span>
            The agent of {host.name} cannot be heard, but it still writes to its datastores: its{' '}
            {sayCount(running, 'VM')} run, and nothing is restarted. Check its management network.
          </span>
        </Notice>
      )}
      {host.state === 'fencing' && (
        <Notice tone={unproven ? 'error' : 'warning'}>
          <span>
            {unproven ||
              `${host.name} is being switched off, so that its ${sayCount(running, 'VM')} can start elsewhere.`}{' '}
            None of its VMs starts elsewhere before that is proven.
          </span>
          {task && <Link href={paths.task(task.id)}>How far it is</Link>}
        </Notice>
      )}
      {isAsleep(host) && <AsleepNotice host={host} />}
      {host.state === 'fenced' && host.mode !== 'standby' && (
        <Notice tone={host.proof?.by === 'shutdown' ? 'standby' : 'error'}>
          <span>
            {host.name} is proven off{host.proof ? `: ${host.proof.text}` : ''}. Power it on when it is sound;
            it takes VMs again once its agent reports.
          </span>
        </Notice>
      )}
      {host.mode === 'entering' && (
        <Notice tone="maintenance">
          <span>It is being emptied and takes no VMs{host.modeReason ? `: ${host.modeReason}` : ''}.</span>
          {task && <Link href={paths.task(task.id)}>How far it is</Link>}
        </Notice>
      )}
      {host.mode === 'maintenance' && (
        <Notice tone="maintenance">
          In maintenance{host.modeReason ? `: ${host.modeReason}` : ''}. It takes no VMs until that ends.
        </Notice>
      )}
      {quarantined && (
        <Notice tone="warning">
          <span>
            Lost {sayCount(host.lostAt.length, 'time')} lately, so it gets no VMs for now. End its quarantine
            when it is sound.
          </span>
        </Notice>
      )}
      {host.leftovers && (
        <Notice tone="warning">
          <span>
            It may still have what is left of <Names refs={host.leftovers} />, deleted while it could not be
            heard. That is removed when it is heard, and only then it gets VMs again.
          </span>
        </Notice>
      )}
    </>
  )
}

/** Why a host sleeps, since when, and until when; with what went wrong when it was to be woken. */
function AsleepNotice({ host }: { host: Host }) {
  const { standby } = host
  const word = hostState(host).word
  return (
    <Notice tone="standby">
      <span className="min-w-0 flex-1">
        {host.name} {standby ? 'has been' : 'is'} {word}
        {standby && (
          <>
            {' '}
            <Since at={standby.at} />: {standby.why}
          </>
        )}
        {standby?.byHand && ' It stays so until somebody wakes it.'}
        {standby && !standby.byHand && standby.until !== null && (
          <>
            {' '}
            It is expected to be needed again at about <At at={standby.until} className="num" />, and is woken
            as soon as it is needed.
          </>
        )}
        {standby?.failed && (
          <span className="block text-error">
            It did not come up when it was woken ({sayCount(standby.failed.times, 'time')}):{' '}
            {standby.failed.why}
          </span>
        )}
      </span>
      {standby?.decisionId && <Link href={paths.decision(standby.decisionId)}>The decision</Link>}
      <Link href={paths.object(host.clusterId, 'power')}>Power</Link>
    </Notice>
  )
}

/** The names of some things, as links. */
export function Names({ refs }: { refs: readonly Ref[] }) {
  return refs.map((ref, i) => (
    <span key={ref.id}>
      {i > 0 && ', '}
      <Link href={paths.object(ref.id)} className="in-text">
        {ref.name}
      </Link>
    </span>
  ))
}
