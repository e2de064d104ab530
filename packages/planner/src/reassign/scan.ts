/** The whole numbers of a text, one after another. Errors name the line, the field and what stands there instead. */
export class Scanner {
  #at = 0
  #line = 1
  /** What the next numbers belong to, for errors: `machine 3`. */
  subject = ''

  /** `name`: of the text, for errors. */
  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {
    // A byte order mark.
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3
  }

  /** The next number. `field` (and `index`) say what it is; it lies from `least` to `most`. */
  next(field: string, index = -1, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const { bytes } = this
    this.#skipSpace()
    const start = this.#at
    const negative = bytes[start] === 45
    let at = negative ? start + 1 : start
    let value = 0
    for (let digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48)
      value = value * 10 + digit
    if (at === (negative ? start + 1 : start) || !(at === bytes.length || isSpace(bytes[at]!)))
      throw this.#wrong(field, index, 'a whole number', start)
    if (negative) value = -value
    if (value < least || value > most) {
      const limits = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`
      throw this.#wrong(field, index, `a number ${limits}`, start)
    }
    this.#at = at
    return value
  }

  /** The next number, of things of which each needs some more numbers: all together no more than can still follow. */
  count(field: string, numbers: (count: number) => number = (count) => count, least = 1): number {
    const count = this.next(field, -1, least)
    const left = Math.ceil((this.bytes.length - this.#at) / 2)
    if (numbers(count) > left)
      throw new Error(
        `${this.name}, line ${this.#line}: the ${field} is ${count}, and the text is too short for so many. Correct it, or add what is missing.`,
      )
    return count
  }

  /** Throws when there is anything left. */
  end(): void {
    this.#skipSpace()
    if (this.#at < this.bytes.length)
      throw new Error(
        `${this.name}, line ${this.#line}: “${this.#word(this.#at)}” stands after the last number. Remove it, or correct the count that it belongs to.`,
      )
  }

  #skipSpace(): void {
    for (; this.#at < this.bytes.length && isSpace(this.bytes[this.#at]!); this.#at++)
      if (this.bytes[this.#at] === 10) this.#line++
  }

  #wrong(field: string, index: number, wanted: string, at: number): Error {
    const found = at >= this.bytes.length ? 'the text ends' : `“${this.#word(at)}” stands`
    const what = `${field}${index < 0 ? '' : ` ${index}`}${this.subject && ` of ${this.subject}`}`
    return new Error(`${this.name}, line ${this.#line}: ${found} where the ${what} should be, ${wanted}.`)
  }

  #word(at: number): string {
    let word = ''
    for (let i = at; i < this.bytes.length && !isSpace(this.bytes[i]!) && word.length < 20; i++)
      word += String.fromCharCode(this.bytes[i]!)
    return word
  }
}

const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13)
