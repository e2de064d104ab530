export { type CommitFault, type MemoryClock, MemoryStore, recentTasks } from './memory/memory'
export * from './port'
