/** When a rule counts: on these days (0: Sunday), from and to these times of day. None at all: always. */
export interface TimeWindow {
  days: number[]
  /** `22:00`; when `to` is not later, it ends on the next day. */
  from: string
  to: string
  /** IANA name: `Europe/Berlin`. */
  timeZone: string
}

/** How much may be moved by itself within an hour; null: no limit. */
export interface MoveBudget {
  movesPerHour: number | null
  bytesPerHour: number | null
}
