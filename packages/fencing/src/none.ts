import { FenceError, type Fencing } from './port'

/** For a place without any fence program: it knows none and runs none. */
export const noFencing: Fencing = {
  agents: async () => [],
  describe: async (agent) => {
    throw new FenceError(`There is no ${agent} here.`)
  },
  run: async (_action, { agent }) => {
    throw new FenceError(`There is no ${agent} here.`)
  },
}
