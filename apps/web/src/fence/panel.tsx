import { type FenceDevice, type Host, type PowerState, roleAllows, sayDuration } from '@drover/model'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog, useUser } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { useStanding } from '../replica/standing'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { State, type Tone } from '../ui/state'
import { Ago } from '../ui/time'

const powers: Record<PowerState, string> = {
  on: 'says that the power is on',
  off: 'says that the power is off',
  unknown: 'cannot say whether the power is on',
}

/** The ways to switch a host off, as the levels go, with what the last test of each said. */
export function FenceDevices({ host }: { host: Host }) {
  const { role } = useUser()
  const standing = useStanding()
  const devices = [...useTables().fence.values()]
    .filter((device) => device.hostId === host.id)
    .sort((a, b) => a.level - b.level || a.name.localeCompare(b.name))
  const admin = roleAllows(role, 'admin')
  const add = () => openDialog({ kind: 'fence device', hostId: host.id })
  const levels = [...new Set(devices.map((device) => device.level))]
  return (
    <Panel
      title="Fence devices"
      aside={
        admin &&
        devices.length > 0 && (
          <Button icon={Plus} reasons={standing ? [standing] : []} onClick={add}>
            Add fence device…
          </Button>
        )
      }
    >
      {devices.length === 0 ? (
        <Blank
          title={`${host.name} has no fence device`}
          action={
            admin && (
              <Button look="primary" onClick={add} reasons={standing ? [standing] : []}>
                Add fence device…
              </Button>
            )
          }
        >
          When {host.name} is lost, nothing can switch it off and prove it: its VMs wait until it stops them
          by itself, or a person confirms that it is off.
        </Blank>
      ) : (
        levels.map((level, i) => (
          <section key={level} aria-label={`Level ${level}`}>
            <h3 className="border-b border-line bg-canvas px-3 py-1 text-sm text-text-3">
              Level {level}: {i === 0 ? 'tried first' : 'tried when the one before it has failed'}
              {devices.filter((device) => device.level === level).length > 1 && ', all of them needed'}
            </h3>
            <ul>
              {devices
                .filter((device) => device.level === level)
                .map((device) => (
                  <Device key={device.id} device={device} />
                ))}
            </ul>
          </section>
        ))
      )}
    </Panel>
  )
}

function Device({ device }: { device: FenceDevice }) {
  const { role } = useUser()
  const via: Host | undefined = useRow('host', device.viaHostId)
  const standing = useStanding()
  const [busy, setBusy] = useState(false)
  const reasons = standing ? [standing] : []
  async function test() {
    setBusy(true)
    await act(`test ${device.name}`, () => api.fence.test.mutate({ fenceId: device.id }))
    setBusy(false)
  }
  return (
    <li className="grid grid-cols-[minmax(130px,1fr)_minmax(150px,1fr)_minmax(200px,2fr)_auto] items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 last:border-0 max-lg:grid-cols-[1fr_auto]">
      <span className="font-medium">
        {device.name}
        {!device.enabled && <span className="font-normal text-text-3">, not in use</span>}
      </span>
      <span className="text-text-2 max-lg:col-span-2">
        <span className="num">{device.agent}</span>
        {device.params.ip && <span className="num text-text-3"> {device.params.ip}</span>}
        {via && <span className="text-text-3"> by {via.name}</span>}
      </span>
      <span className="max-lg:col-span-2">
        <LastTest device={device} />
      </span>
      <span className="flex gap-1 max-lg:col-start-2 max-lg:row-start-1">
        {roleAllows(role, 'operator') && (
          <Button busy={busy} reasons={reasons} onClick={() => void test()}>
            {busy ? 'Testing…' : 'Test now'}
          </Button>
        )}
        {roleAllows(role, 'admin') && (
          <>
            <Button
              reasons={reasons}
              onClick={() => openDialog({ kind: 'fence device', hostId: device.hostId, fenceId: device.id })}
            >
              Change…
            </Button>
            <Button
              look="ghost"
              reasons={reasons}
              onClick={() => openDialog({ kind: 'delete fence device', fenceId: device.id })}
            >
              Delete…
            </Button>
          </>
        )}
      </span>
    </li>
  )
}

function LastTest({ device }: { device: FenceDevice }) {
  const test = device.lastTest
  if (!test) return <State tone="off" word="never tested" />
  const tone: Tone = test.ok ? 'ok' : 'error'
  return (
    <span className="min-w-0">
      <State tone={tone} word={test.ok ? 'answers' : 'failed'} className="mr-2" />
      <span className="text-text-2">{test.ok ? powers[test.power] : test.message}</span>{' '}
      <span className="text-text-3">
        <span className="num">{sayDuration(test.ms)}</span>, <Ago at={test.at} />
      </span>
    </span>
  )
}
