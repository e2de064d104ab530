export * from './event'
export * from './quantity'
export * from './refusal'
export * from './task'
