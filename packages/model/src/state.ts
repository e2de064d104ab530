/** A state is a row of a table: its meaning in words, and where it may go from there. */
export interface StateRow<S extends string> {
  meaning: string
  exits: readonly S[]
}

export type StateTable<S extends string> = Readonly<Record<S, StateRow<S>>>

/** Thrown when code asks for a change of state that the table does not list: a bug, never bad input. */
export class IllegalTransition extends Error {
  constructor(noun: string, from: string, to: string) {
    super(`${noun} cannot go from ${from} to ${to}: the state table does not list that exit`)
    this.name = 'IllegalTransition'
  }
}

/** The one way to change a state. Staying where one is is always allowed; an exit not listed throws. */
export function enter<S extends string>(noun: string, table: StateTable<S>, from: S, to: S): S {
  if (from !== to && !table[from].exits.includes(to)) throw new IllegalTransition(noun, from, to)
  return to
}

/** For the end of a switch over a union: the compiler refuses a forgotten case, and so does the running program. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
