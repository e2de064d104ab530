const within = /[\w-]/

/**
 * Where a name stands in a sentence as a word of its own, not as a part of another name (`esx-1` in `board-esx-1` or
 * `esx-10`); -1: nowhere.
 */
export function placeOf(name: string, sentence: string): number {
  for (let at = sentence.indexOf(name); at >= 0; at = sentence.indexOf(name, at + 1)) {
    const [before, after] = [sentence.charAt(at - 1), sentence.charAt(at + name.length)]
    if (!within.test(before) && !within.test(after)) return at
  }
  return -1
}
