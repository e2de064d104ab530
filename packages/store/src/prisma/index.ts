export type { StoreLog } from './database'
export { type PrismaStoreOptions, prismaStore } from './store'
