import { MemoryStore } from '../memory/memory'
import { describeUsage } from './contract'

describeUsage('memory', async () => {
  let now = 1_000
  const store = new MemoryStore({ now: () => now, setTimer: () => () => {} })
  return {
    connect: () => store,
    runOut: async (leaseMs) => {
      now += leaseMs + 1
    },
    end: () => store.close(),
  }
})
