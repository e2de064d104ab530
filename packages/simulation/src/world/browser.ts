import type { Daemon } from './daemon'
import { Replica } from './replica'

/** Somebody who has the dashboard open, on whichever daemon leads. */
export class Browser {
  readonly replica: Replica
  private on: object | null = null
  private leave: () => void = () => {}

  constructor(name: string) {
    this.replica = new Replica(name)
  }

  /** Goes where the leader is; nothing to do while it stays the same. */
  follow(leader: Daemon | null): void {
    const control = leader?.leads ? leader.control : null
    if (control === this.on) return
    this.leave()
    this.leave = () => {}
    this.on = control
    this.replica.forget()
    if (!control) return
    this.leave = control.subscribe({
      patch: (patch) => {
        if (this.on !== control) return
        if (!this.replica.apply(structuredClone(patch)))
          this.replica.begin(structuredClone(control.snapshot()))
      },
      usage: () => {},
      progress: () => {},
      health: () => {},
    })
    this.replica.begin(structuredClone(control.snapshot()))
  }
}
