import { useEffect, useRef } from 'react'

/** Calls the function of a key pressed outside of fields and dialogs. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || !(event.target instanceof HTMLElement)) return
      if (event.target.closest('input, textarea, select, [role="dialog"], [contenteditable]')) return
      const act = latest.current[event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [])
}
