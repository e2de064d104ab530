import type { LoadDecision } from '@drover/model'
import type { ApiContext } from '../context'
import { found } from '../found'

/** A decision with what it was made from, of the past too; refused where there is none of that id. */
export async function keptDecision(
  { control }: Pick<ApiContext, 'control'>,
  id: string,
): Promise<LoadDecision> {
  const here = control.world.tables.decision.get(id)
  const [past] = here ? [] : await control.decisions({ decisionId: id, limit: 1 })
  return found(here ?? past, 'decision', id)
}
