import { useEffect, useRef } from 'react'

export type Keys = Readonly<Record<string, () => void>>

const listening = new Set<{ current: Keys }>()
/** `g` waits this long for the letter of a page. */
const patience = 1_500
// By the events' own time, which begins with the page.
const never = Number.NEGATIVE_INFINITY
let goPressed = never

function hear(event: KeyboardEvent): void {
  if (
    event.metaKey ||
    event.ctrlKey ||
    event.altKey ||
    event.defaultPrevented ||
    !(event.target instanceof HTMLElement)
  )
    return
  if (
    event.target.closest('input, textarea, select, [role="dialog"], [contenteditable]') ||
    document.querySelector('[role="dialog"]')
  )
    return
  // Enter and the space bar belong to the button or link that has the focus; a row of a list hands Enter on.
  if (event.key === 'Enter' && event.target.closest('a, button:not([data-row])')) return
  const going = event.timeStamp - goPressed < patience
  goPressed = event.key === 'g' && !going ? event.timeStamp : never
  if (goPressed !== never) return
  // Of letters and signs the key says itself that the shift key is down.
  const pressed = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key
  const name = going ? `g ${pressed}` : pressed
  const act = [...listening].map((keys) => keys.current[name]).find((found) => found !== undefined)
  if (!act) return
  event.preventDefault()
  act()
}

/** Calls the function of a key pressed outside of fields and dialogs: `c`, `ArrowDown`, `Shift+ArrowDown`, or `g w` for two in a row. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    if (listening.size === 0) document.addEventListener('keydown', hear)
    listening.add(latest)
    return () => {
      listening.delete(latest)
      if (listening.size === 0) document.removeEventListener('keydown', hear)
    }
  }, [])
}
