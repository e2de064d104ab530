import { checkParams, FenceError } from '@drover/fencing'
import type { FenceAgentInfo, Refusal } from '@drover/model'
import type { ControlPorts } from '../ports'

/** A device's parameters as they are kept: secrets apart, and sealed. */
export interface Prepared {
  params: Record<string, string>
  sealed: Record<string, string>
}

/** What control knows of fence programs: which there are, what they want to know, and how that is kept. */
export class FenceDesk {
  readonly #described = new Map<string, FenceAgentInfo>()

  constructor(private readonly ports: Pick<ControlPorts, 'fencing' | 'secrets'>) {}

  agents(): Promise<string[]> {
    return this.ports.fencing.agents()
  }

  /** What a program wants to know; a refusal when there is no such program here. */
  async describe(agent: string): Promise<FenceAgentInfo | Refusal> {
    const known = this.#described.get(agent)
    if (known) return known
    try {
      const info = await this.ports.fencing.describe(agent)
      this.#described.set(agent, info)
      return info
    } catch (error) {
      if (!(error instanceof FenceError)) throw error
      const remedy = 'Install the package fence-agents where control runs, or choose another program.'
      return { code: 'invalid', field: 'agent', problem: error.message.replace(/\.$/, ''), remedy }
    }
  }

  /**
   * Checks what was entered against the program's own metadata, and seals what is secret. `kept`: secrets that the device
   * has already; one of them that is not entered again stays.
   */
  async prepare(
    agent: string,
    given: Record<string, string>,
    kept: Record<string, string> = {},
  ): Promise<{ ok: true; value: Prepared } | { ok: false; refusals: Refusal[] }> {
    const info = await this.describe(agent)
    if ('code' in info) return { ok: false, refusals: [info] }
    const secret = new Set(info.parameters.filter((one) => one.secret).map(({ name }) => name))
    const entered = Object.fromEntries(
      Object.entries(given).filter(([name, value]) => !secret.has(name) || value !== ''),
    )
    const stays = Object.fromEntries(
      Object.entries(kept).filter(([name]) => secret.has(name) && !(name in entered)),
    )
    const whole = { ...Object.fromEntries(Object.keys(stays).map((name) => [name, 'kept'])), ...entered }
    const refusals = checkParams(info, whole).map(
      ({ field, problem, remedy }): Refusal => ({
        code: 'invalid',
        field,
        problem: problem.replace(/\.$/, ''),
        remedy,
      }),
    )
    if (refusals.length > 0) return { ok: false, refusals }
    const params: Record<string, string> = {}
    const sealed: Record<string, string> = { ...stays }
    for (const [name, value] of Object.entries(entered)) {
      if (secret.has(name)) sealed[name] = this.ports.secrets.seal(value)
      else params[name] = value
    }
    return { ok: true, value: { params, sealed } }
  }
}
