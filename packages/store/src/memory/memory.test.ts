import { describeHistory, describeRoundTrip, describeStore, type StoreUnderTest } from '../contract'
import { MemoryStore } from './memory'

async function open(): Promise<StoreUnderTest> {
  let now = 1_000
  const store = new MemoryStore({ now: () => now, setTimer: () => () => {} })
  return {
    connect: () => store,
    runOut: async (leaseMs) => {
      now += leaseMs + 1
    },
    end: () => store.close(),
  }
}

describeStore('memory', open)
describeHistory('memory', open)
describeRoundTrip('memory', open)
