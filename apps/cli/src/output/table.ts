/** One column: its heading and what it shows of a row. */
export interface Column<R> {
  title: string
  of: (row: R) => string | number | null | undefined
  /** Numbers line up at their end. */
  right?: boolean
}

/** Rows under headings, columns two spaces apart, nothing cut off: lines are for `grep` and `awk` too. */
export function table<R>(rows: readonly R[], columns: readonly Column<R>[]): string {
  const cells = [
    columns.map((column) => column.title.toUpperCase()),
    ...rows.map((row) => columns.map((column) => String(column.of(row) ?? '-').replace(/\s*\n\s*/g, ' '))),
  ]
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => width(line[i] ?? ''))))
  return cells
    .map((line) =>
      line
        .map((cell, i) => {
          const space = ' '.repeat((widths[i] ?? 0) - width(cell))
          return columns[i]?.right ? space + cell : cell + space
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Facts about one thing, a line each. */
export function facts(list: readonly (readonly [string, string | number | null | undefined])[]): string {
  const longest = Math.max(...list.map(([name]) => width(name)))
  return list.map(([name, value]) => `${name.padEnd(longest)}  ${value ?? '-'}`).join('\n')
}

const width = (text: string) => [...text].length
