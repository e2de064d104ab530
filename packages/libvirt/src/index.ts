export { type Connection, type ConnectOptions, connect } from './connection'
export { type DomainStateInfo, describeState } from './domain/calls'
export * from './domain/constants'
export {
  ConnectionClosedError,
  DeadlineError,
  isLibvirtError,
  LibvirtError,
  ProtocolError,
  XdrError,
} from './errors'
export type { LifecycleName } from './event/names'
export type { Listener } from './event/subscriptions'
export type { EventName, EventOf } from './event/table'
export type { CpuComparison, EmulatorChoice, Version } from './host/calls'
export { BASELINE_CPU, COMPARE_CPU } from './host/constants'
export type { Job } from './migration/calls'
export { MIGRATE } from './migration/constants'
export type { MigrationParameters } from './migration/parameters'
export { ERROR_CODES, type ErrorCodeName } from './protocol/error-codes'
export { type Call, type CallOptions, type Procedure, procedure } from './protocol/procedure'
export {
  type ParamValues,
  paramValues,
  type TypedParam,
  typedParam,
  typedParams,
} from './protocol/typed-params'
export {
  type Domain,
  type DomainRef,
  domain,
  domainRef,
  type Pool,
  pool,
  type Volume,
  volume,
} from './protocol/wire'
export type { KeepAliveOptions } from './rpc/keepalive'
export type { Address } from './rpc/socket'
export { CREATE_POOL, CREATE_VOLUME, LIST_POOLS } from './storage/constants'
export * as xdr from './xdr/codec'
