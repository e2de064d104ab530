let opener: HTMLElement | null = null

/** What `Dialog` draws; the palette, which is a dialog too, has no form. */
const dialog = '[role=dialog] form'

/**
 * To be called when a dialog is opened: remembers where one was. A row of a menu is gone by the time that the dialog
 * closes, so it is the button of the menu; a dialog that follows another one keeps where the first came from.
 */
export function rememberOpener(): void {
  const at = document.activeElement
  if (at?.closest(dialog)) return
  const trigger = at?.closest('[role=menu]')?.getAttribute('aria-labelledby')
  const from = trigger ? document.getElementById(trigger) : at
  opener = from instanceof HTMLElement && from !== document.body ? from : null
}

/** Goes back there; to the page where it is no longer, so that the next Tab does not begin at the very top. */
export function returnToOpener(): void {
  if (document.querySelector(dialog)) return
  const to = opener?.isConnected ? opener : document.querySelector<HTMLElement>('main')
  to?.focus()
}
