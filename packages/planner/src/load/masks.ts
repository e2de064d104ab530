/** Hosts by index as arrays of a mark for each, which VMs alike share: the same list, or another one that says the same. */
export function masks(hosts: number): (which: readonly number[]) => Uint8Array {
  const known = new Map<readonly number[] | string, Uint8Array>()
  return (which) => {
    const same = known.get(which)
    if (same) return same
    const key = which.join()
    const mask = known.get(key) ?? new Uint8Array(hosts)
    for (const host of which) mask[host] = 1
    known.set(key, mask)
    known.set(which, mask)
    return mask
  }
}
