import { type RefObject, useEffect, useRef, useState } from 'react'

/** The width of an element in whole pixels, as it changes; 0 until it is drawn. */
export function useWidth<E extends HTMLElement>(): [RefObject<E | null>, number] {
  const frame = useRef<E>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [frame, width]
}
