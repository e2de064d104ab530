import type { LoadMove, LoadPicture, Ref } from '@drover/model'

/** Moves by their positions in a picture, without those of what is gone or no longer where it was. */
export function waysIn(
  { hosts, vms }: LoadPicture,
  moves: readonly { vm: Ref; source: Ref; target: Ref | null }[],
): Pick<LoadMove, 'vm' | 'from' | 'to'>[] {
  const hostIndex = new Map<string, number>(hosts.map(({ id }, i) => [id, i]))
  const vmIndex = new Map<string, number>(vms.map(({ id }, i) => [id, i]))
  return moves.flatMap(({ vm: { id }, source, target }) => {
    const [vm, from, to] = [vmIndex.get(id), hostIndex.get(source.id), hostIndex.get(target?.id ?? '')]
    if (vm === undefined || from === undefined || to === undefined || vms[vm]!.at !== from) return []
    return [{ vm, from, to }]
  })
}
