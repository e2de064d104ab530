import { CliError, exitCodes } from './exit'

interface Named {
  id: string
  name: string
}

/** The object that somebody means by a name or an id. Several of one name: all are listed, none is guessed. */
export function pick<T extends Named>(
  all: readonly T[],
  given: string,
  noun: string,
  where?: (object: T) => string,
): T {
  const byId = all.find((object) => object.id === given)
  if (byId) return byId
  const matches = all.filter((object) => object.name === given)
  if (matches.length === 1) return matches[0] as T
  if (matches.length > 1) {
    const list = matches.map((object) => `  ${object.id}  ${object.name}${where ? `  ${where(object)}` : ''}`)
    throw new CliError(
      exitCodes.notFound,
      `There are ${matches.length} ${noun}s named ${given}. Give the id of one:\n${list.join('\n')}`,
    )
  }
  const near = all.filter((object) => object.name.toLowerCase().includes(given.toLowerCase())).slice(0, 5)
  const hint = near.length > 0 ? ` Did you mean ${near.map((object) => object.name).join(', ')}?` : ''
  throw new CliError(exitCodes.notFound, `There is no ${noun} "${given}".${hint}`)
}
