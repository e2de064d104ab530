import type { Beat } from '@drover/protocol'
import { HypervisorError } from '../port'
import type { SimulatedDatacenter } from './datacenter'

/** Heartbeats of hosts on the simulated datastores, as one host reads and writes them. */
export class SimulatedBeats {
  constructor(
    private readonly datacenter: SimulatedDatacenter,
    private readonly hostName: string,
  ) {}

  async write(root: string, beat: Beat): Promise<void> {
    const datastore = await this.reach(root)
    const copy = { ...beat, running: beat.running && [...beat.running] }
    datastore.beats.set(beat.hostId, copy)
    this.datacenter.observer?.beat(datastore.uuid, copy)
  }

  async read(root: string): Promise<Beat[]> {
    const datastore = await this.reach(root)
    return [...datastore.beats.values()].map((beat) => ({
      ...beat,
      running: beat.running && [...beat.running],
    }))
  }

  /** As the host gets at its storage: an error where it fails, no answer before it is back where it hangs. */
  private async reach(root: string) {
    const host = this.datacenter.host(this.hostName)
    const datastore = this.datacenter.disks.datastoreAt(host, `${root}/`)
    if (!datastore || !host.on)
      throw new HypervisorError('failed', `${this.hostName} has nothing at ${root}.`)
    const { life } = host
    for (
      let trouble = host.storage.get(datastore.uuid);
      trouble;
      trouble = host.storage.get(datastore.uuid)
    ) {
      if (trouble.how === 'failing') {
        throw new HypervisorError('failed', `${this.hostName} cannot get at ${datastore.name}: I/O error.`)
      }
      await trouble.healed.opened
    }
    while (host.frozen) await host.frozen.opened
    // What was asked in another life of the host has no effect in this one.
    if (!host.on || host.life !== life) throw new HypervisorError('unreachable', `${this.hostName} is off.`)
    return datastore
  }
}
