export * from './clock'
export * from './port'
