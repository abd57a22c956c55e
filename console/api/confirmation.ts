/** Asks the person to prove anew who they are; false when they would rather not. */
export type AskToConfirm = () => Promise<boolean>

let asker: AskToConfirm | undefined

/** The dialog that asks, while it is on the page. Returns how to take it away. */
export function confirmWith(ask: AskToConfirm): () => void {
  asker = ask
  return () => {
    if (asker === ask) asker = undefined
  }
}

export const askToConfirm: AskToConfirm = () => asker?.() ?? Promise.resolve(false)
