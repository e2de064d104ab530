import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { cx } from './cx'

/** A border that can be dragged, or moved with the arrow keys. `grows`: which way makes the size larger. */
export function Split({
  label,
  size,
  min,
  max,
  grows,
  onSize,
}: {
  label: string
  size: number
  min: number
  max: number
  grows: 'right' | 'up'
  onSize: (size: number) => void
}) {
  const start = useRef<{ at: number; size: number } | null>(null)
  const vertical = grows === 'right'
  const clamped = (value: number) => Math.round(Math.min(max, Math.max(min, value)))
  const place = (event: PointerEvent) => (vertical ? event.clientX : -event.clientY)

  function down(event: PointerEvent<HTMLHRElement>) {
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { at: place(event), size }
  }
  function move(event: PointerEvent) {
    if (start.current) onSize(clamped(start.current.size + place(event) - start.current.at))
  }
  function keys(event: KeyboardEvent) {
    const more = vertical ? 'ArrowRight' : 'ArrowUp'
    const less = vertical ? 'ArrowLeft' : 'ArrowDown'
    if (event.key === more) onSize(clamped(size + 16))
    else if (event.key === less) onSize(clamped(size - 16))
    else return
    event.preventDefault()
  }
  return (
    <hr
      aria-label={label}
      aria-orientation={vertical ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        start.current = null
      }}
      onKeyDown={keys}
      className={cx(
        'z-10 shrink-0 touch-none border-0 bg-line transition-colors hover:bg-accent active:bg-accent',
        vertical
          ? '-mr-1 w-px cursor-col-resize border-r-4 border-transparent bg-clip-padding'
          : '-mb-1 h-px cursor-row-resize border-b-4 border-transparent bg-clip-padding',
      )}
    />
  )
}
