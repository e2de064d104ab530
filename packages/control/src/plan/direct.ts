import { runPlanJob } from '@drover/planner'
import type { Planner } from '../ports'

/** Plans at once, on the thread that asks, and however long it takes: the same answer every time, for simulation and tests. */
export const directPlanner: Planner = {
  plan: async (job) => runPlanJob(job),
}
