import type { Journal } from '../ports'

/** A journal that outlives an agent but not the process: for the simulation and for tests. */
export class MemoryJournal implements Journal {
  private readonly values = new Map<string, string>()

  async read(): Promise<{ key: string; value: unknown }[]> {
    return [...this.values].map(([key, text]) => ({ key, value: JSON.parse(text) as unknown }))
  }

  async put(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.stringify(value))
  }

  async remove(key: string): Promise<void> {
    this.values.delete(key)
  }
}
