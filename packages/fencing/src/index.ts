export * from './none'
export * from './port'
