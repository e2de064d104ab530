import { XdrError } from '../errors'
import { array, bool, type Codec, double, hyper, int, mapped, uhyper, uint } from '../xdr/codec'
import { string } from './wire'

const TYPES = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const
const BY_NUMBER: Map<number, keyof typeof TYPES> = new Map(
  Object.entries(TYPES).map(([type, number]) => [number, type as keyof typeof TYPES]),
)
const CODECS = { int, uint, llong: hyper, ullong: uhyper, double, boolean: bool, string } as const

/** virTypedParameter: a named value that says its type. A name may occur more than once (`migrate_disks`). */
export type TypedParam =
  | { name: string; type: 'int' | 'uint' | 'llong' | 'ullong' | 'double'; value: number }
  | { name: string; type: 'boolean'; value: boolean }
  | { name: string; type: 'string'; value: string }

/** Typed parameters as a plain object: `{ 'cpu.time': 12, 'block.0.name': 'vda' }`. */
export type ParamValues = Record<string, number | string | boolean>

export const typedParam: Codec<TypedParam> = {
  read: (reader) => {
    const name = string.read(reader)
    const number = reader.int()
    const type = BY_NUMBER.get(number)
    if (type === undefined) throw new XdrError(`${number} is not a type of parameter`)
    return { name, type, value: CODECS[type].read(reader) } as TypedParam
  },
  write: (writer, param) => {
    string.write(writer, param.name)
    writer.int(TYPES[param.type])
    ;(CODECS[param.type] as Codec<TypedParam['value']>).write(writer, param.value)
  },
}

/** libvirt's own limits differ by procedure; the largest of them (statistics of all domains) bounds them all. */
export const typedParams = array(typedParam, 262_144)

/** For results, where names are unique. */
export const paramValues: Codec<ParamValues> = mapped(
  typedParams,
  (params) => Object.fromEntries(params.map(({ name, value }) => [name, value])),
  () => {
    throw new XdrError('plain parameters can be read only: write typed ones')
  },
)
