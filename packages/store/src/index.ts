export {
  type CommitFault,
  type MemoryClock,
  MemoryStore,
  recentAlarms,
  recentIncidents,
  recentTasks,
} from './memory/memory'
export * from './port'
