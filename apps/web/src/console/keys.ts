import { useEffect } from 'react'
import { useConsole } from './store'

/** The keys that work everywhere: ⌘K / Ctrl K for the palette, `/` for the filter of the page. */
export function useKeys(): void {
  useEffect(() => {
    function down(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        useConsole.setState((state) => ({ palette: !state.palette }))
        return
      }
      const typing = (event.target as HTMLElement).closest('input, textarea, select, [contenteditable]')
      if (event.key === '/' && !typing && !event.metaKey && !event.ctrlKey) {
        const filter = document.querySelector<HTMLInputElement>('main [data-filter]')
        if (!filter) return
        event.preventDefault()
        filter.focus()
        filter.select()
      }
    }
    window.addEventListener('keydown', down)
    return () => window.removeEventListener('keydown', down)
  }, [])
}
