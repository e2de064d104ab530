export { describeStore, type StoreUnderTest } from './contract'
export { describeHistory } from './history'
export { describeRoundTrip } from './round-trip'
