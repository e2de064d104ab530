import type { ComponentProps, MouseEvent } from 'react'
import { cx } from '../ui/cx'
import { navigate } from './address'

type Props = ComponentProps<'a'> & { href: string; plain?: boolean }

/** A real link (copy, open in a new tab) that goes there at once. `plain`: looks like the text around it. */
export function Link({ href, plain, className, onClick, ...rest }: Props) {
  function go(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    navigate(href)
  }
  return (
    <a href={href} onClick={go} className={cx(plain ? 'hover:underline' : 'link', className)} {...rest} />
  )
}
