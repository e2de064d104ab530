export {
  type CommitFault,
  type MemoryClock,
  MemoryStore,
  recentAlarms,
  recentDecisions,
  recentIncidents,
  recentTasks,
} from './memory/memory'
export * from './port'
