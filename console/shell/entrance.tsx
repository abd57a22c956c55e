import { type ReactNode, useEffect } from 'react'
import { LanguageSwitch } from './language-switch.tsx'
import { Mark } from './mark.tsx'

/** The frame of the pages before somebody is signed in. */
export function Entrance({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Throughline`
  }, [title])
  return (
    <div className="entrance">
      <header>
        <span className="brand">
          <Mark /> <span>Throughline</span>
        </span>
        <LanguageSwitch />
      </header>
      <main>
        <h1>{title}</h1>
        <p className="quiet">{lead}</p>
        {children}
      </main>
    </div>
  )
}
