import type { LoadMemory, LoadPicture, LoadRules } from '@drover/model'

/** What a decision was made from. */
export interface DecisionInputs {
  picture: LoadPicture
  rules: LoadRules
  memory: LoadMemory
}

/** As it is kept with the decision; read by `unpackInputs`. Rows of one kind share their keys: they are most of it. */
export function packInputs({ picture, rules, memory }: DecisionInputs): string {
  const { hosts, vms, ...rest } = picture
  return JSON.stringify({ picture: { ...rest, hosts, vms: columnsOf(vms) }, rules, memory })
}

/** Null where nothing, or nothing legible, was kept. */
export function unpackInputs(text: string): DecisionInputs | null {
  if (text === '') return null
  try {
    const { picture, rules, memory } = JSON.parse(text)
    return { picture: { ...picture, vms: rowsOf(picture.vms) }, rules, memory }
  } catch {
    return null
  }
}

type Row = Record<string, unknown>
interface Columns {
  keys: string[]
  /** Of each row in the order of the keys; what it does not say is left out as null at `absent`. */
  rows: unknown[][]
  /** By row and key, where a key is not there at all. */
  absent: [row: number, key: number][]
}

function columnsOf(items: readonly object[]): Columns {
  const keys = [...new Set(items.flatMap((item) => Object.keys(item)))]
  const absent: Columns['absent'] = []
  const rows = (items as readonly Row[]).map((item, r) =>
    keys.map((key, k) => {
      if (!(key in item)) absent.push([r, k])
      return item[key] ?? null
    }),
  )
  return { keys, rows, absent }
}

function rowsOf<T>({ keys, rows, absent }: Columns): T[] {
  const items = rows.map((row): Row => Object.fromEntries(keys.map((key, k) => [key, row[k]])))
  for (const [row, key] of absent) delete items[row]![keys[key]!]
  return items as T[]
}
