import {
  type Event,
  type Patch,
  patched,
  type ReplicatedTable,
  replicatedTables,
  type Snapshot,
} from '@drover/model'

/** A browser's copy of the world: a snapshot, then patch by patch; what does not follow on is fetched again. */
export class Replica {
  readonly rows = new Map<ReplicatedTable, Map<string, object>>()
  seq = 0
  term = 0
  /** Whether it holds a snapshot to apply patches to. */
  following = false
  /** Everything it was told of, in order, since it began. */
  readonly heard: Event[] = []
  /** Numbers that a patch skipped or told twice. */
  readonly gaps: string[] = []

  constructor(readonly name: string) {}

  /** The line was lost: what was missed is not known. */
  forget(): void {
    this.following = false
  }

  begin(snapshot: Snapshot): void {
    for (const name of replicatedTables) {
      this.rows.set(name, new Map(snapshot.rows[name].map((row) => [row.id, row as object])))
    }
    this.seq = snapshot.seq
    this.term = snapshot.term
    this.following = true
  }

  /** False: it does not follow on, a new snapshot is needed. */
  apply(patch: Patch): boolean {
    if (!this.following) return false
    if (patch.toSeq <= this.seq && patch.term === this.term) return true
    if (patch.term !== this.term || patch.fromSeq > this.seq) {
      this.gaps.push(
        `${this.name} has ${this.seq} of term ${this.term} and was sent ${patch.fromSeq} of ${patch.term}`,
      )
      this.following = false
      return false
    }
    for (const event of patch.events) {
      if (event.seq <= this.seq) continue
      this.heard.push(event)
      for (const change of event.rows) {
        const table = this.rows.get(change.table as ReplicatedTable)
        if (!table) continue
        const row = patched(table.get(change.id), change)
        if (row) table.set(change.id, row)
        else table.delete(change.id)
      }
    }
    this.seq = patch.toSeq
    return true
  }
}
