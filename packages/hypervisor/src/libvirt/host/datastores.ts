import type { DatastoreReport } from '@drover/protocol'
import type { Clock } from '../../clock'
import { readDatastore } from '../../disk/datastores'

const deadlineMs = 5_000

export interface DatastoresOptions {
  datastores: { name: string; path: string; uuid?: string | null }[]
  onFound?: (path: string, uuid: string) => void
  clock: Clock
  log: { warn(message: string): void }
}

interface Place {
  name: string
  path: string
  uuid: string | null
  /** Being read; a server that hangs is asked once only. */
  reading: Promise<DatastoreReport> | null
  complaint: string | null
}

/** The datastores of this host. One that is not there, or does not answer in time, is left out: that is how its loss shows. */
export class Datastores {
  private readonly places: Place[]

  constructor(private readonly options: DatastoresOptions) {
    this.places = options.datastores.map(({ name, path, uuid = null }) => ({
      name,
      path,
      uuid,
      reading: null,
      complaint: null,
    }))
  }

  async read(): Promise<DatastoreReport[]> {
    const found = await Promise.all(this.places.map((place) => this.one(place)))
    return found.filter((report) => report !== null)
  }

  private async one(place: Place): Promise<DatastoreReport | null> {
    place.reading ??= readDatastore(place).finally(() => {
      place.reading = null
    })
    try {
      const report = await this.inTime(place.reading)
      if (place.uuid === null) this.options.onFound?.(place.path, report.uuid)
      place.uuid = report.uuid
      place.complaint = null
      return report
    } catch (error) {
      const { message } = error as Error
      if (place.complaint !== message) {
        this.options.log.warn(`datastore ${place.name} at ${place.path}: ${message}`)
      }
      place.complaint = message
      return null
    }
  }

  private inTime(reading: Promise<DatastoreReport>): Promise<DatastoreReport> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no answer within ${deadlineMs / 1_000} s`))
      const cancel = this.options.clock.setTimer(deadlineMs, late)
      reading.then(resolve, reject).finally(cancel)
    })
  }
}
