/** Rows that are over, oldest first: the world keeps so many of them, and those that are still gone by. */
export class Past {
  readonly #ids: Set<string>

  constructor(
    rows: readonly { id: string }[],
    private readonly keep: number,
    private readonly forget: (id: string) => void,
    private readonly isNeeded: (id: string) => boolean = () => false,
  ) {
    this.#ids = new Set(rows.map(({ id }) => id))
  }

  note(id: string, isOpenOrGone: boolean): void {
    this.#ids.delete(id)
    if (isOpenOrGone) return
    this.#ids.add(id)
    for (const oldest of this.#ids) {
      if (this.#ids.size <= this.keep) return
      if (this.isNeeded(oldest)) continue
      this.#ids.delete(oldest)
      this.forget(oldest)
    }
  }
}
