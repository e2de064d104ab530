export { type CommitFault, type MemoryClock, MemoryStore } from './memory/memory'
export * from './port'
