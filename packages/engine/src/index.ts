export * from './context'
export * from './decision'
