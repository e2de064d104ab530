export { checkParams, type ParameterFault } from './agents/check'
export { isSecret } from './agents/secret'
export * from './none'
export * from './port'
