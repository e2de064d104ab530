import type { PrismaClient } from './database'

/** Secrets that all daemons of one database share, made by whoever needs one first. */
export interface Secrets {
  get(name: string, make: () => Promise<string> | string): Promise<string>
}

/** Kept in the table `secret`. Two daemons that start at once end up with the same value: the first insert wins. */
export function secretsIn(database: PrismaClient): Secrets {
  return {
    async get(name, make) {
      const found = await database.secret.findUnique({ where: { name } })
      if (found) return found.value
      await database.secret.createMany({ data: [{ name, value: await make() }], skipDuplicates: true })
      return (await database.secret.findUniqueOrThrow({ where: { name } })).value
    },
  }
}
