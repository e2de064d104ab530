/** Where each id stands. Throws where one is there twice. */
export function indexed(rows: readonly { id: string }[], field: string): Map<string, number> {
  const index = new Map<string, number>()
  for (const [i, { id }] of rows.entries()) {
    if (index.has(id))
      throw wrong(`${field}[${i}].id`, `"${id}" is there twice`, 'Give each an id of its own.')
    index.set(id, i)
  }
  return index
}

/** Where an id stands. Throws with the field that names it where there is none. */
export function lookUp(index: ReadonlyMap<string, number>, id: string, what: string, where: string): number {
  const found = index.get(id)
  if (found === undefined)
    throw wrong(where, `there is no ${what} "${id}" in the file`, 'Correct the id, or add it.')
  return found
}

/** What is wrong with a field, and what to do about it. */
export function wrong(where: string, what: string, remedy: string): Error {
  return new Error(`${where}: ${what}. ${remedy}`)
}
