/** What to do when this daemon begins or ceases to lead. */
export interface LeadChanges {
  taken(): Promise<void>
  lost(): Promise<void>
  failed(error: unknown): void
}

/** Turns "leads now" and "does not" into the changes, one after the other, each once, however often it is said. */
export function leadFollower(changes: LeadChanges): (leading: boolean) => void {
  let last = false
  let work: Promise<void> = Promise.resolve()
  return (leading) => {
    if (leading === last) return
    last = leading
    work = work.then(leading ? changes.taken : changes.lost).catch(changes.failed)
  }
}
