import type { ReactNode } from 'react'

/** Small line drawings. Always beside a word, so they are hidden from screen readers. */
const drawings = {
  late: <path d="M8 2.2 14.4 13.4H1.6ZM8 6.2v3.4M8 11.4v.3" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.6V8l2.4 1.6" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m5.4 8.2 1.9 1.9 3.4-3.9" />
    </>
  ),
  open: (
    <>
      <circle cx="8" cy="8" r="6" />
      <circle cx="8" cy="8" r="2" fill="currentColor" />
    </>
  ),
  waiting: (
    <path d="M4.5 2.5h7M4.5 13.5h7M5.3 2.5c0 3 2.7 3.7 2.7 5.5s-2.7 2.500-2.700 5.500M10.700 2.500c0 3-2.700 3.700-2.700 5.500s2.700 2.500 2.700 5.500" />
  ),
  skipped: <path d="m3 4 4 4-4 4M8 4l4 4-4 4M13.500 4v8" />,
  'not-reached': <circle cx="8" cy="8" r="6" strokeDasharray="2 2.200" />,
  urgent: <path d="M4 9.500 8 5l4 4.500M4 13l4-4.500L12 13" />,
  up: <path d="M8 13V3.500M4 7l4-4 4 4" />,
  person: (
    <>
      <circle cx="8" cy="5.400" r="2.600" />
      <path d="M2.800 13.600c.7-2.800 2.700-4.100 5.200-4.100s4.500 1.300 5.200 4.100" />
    </>
  ),
  task: <path d="M3 3.500h10v9H3zM5.500 8l1.800 1.800L10.800 6" />,
  message: <path d="M2.500 3.500h11v8H7L4 14v-2.500H2.500Z" />,
  wait: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.600V8l2.400 1.600" />
    </>
  ),
  decide: <path d="M8 2l6 6-6 6-6-6ZM8 5.500v2.800M8 10.300v.2" />,
  request: <path d="M4 2.500h5.500L12 5v8.500H4ZM6 7.500h4M6 10h4" />,
  end: <path d="M4 14V2.500h8l-2 2.800 2 2.800H4" />,
  form: <path d="M3.500 2h9v12h-9ZM6 5.500h4M6 8h4M6 10.500h2.500" />,
  order: <path d="M6 2v4L2.800 12.500A1 1 0 0 0 3.700 14h8.600a1 1 0 0 0 .9-1.500L10 6V2M5 2h6M4.800 9.500h6.400" />,
  appointment: <path d="M2.500 3.500h11v10h-11ZM2.500 6.500h11M5.500 2v3M10.500 2v3" />,
  call: <path d="M2.500 8h7M7 5l3 3-3 3M11 3h2.500v10H11" />,
  start: <path d="M3 3h5v5H3ZM8 5.500h3.500V9M9 11h5M11.500 8.500v5" />,
  add: <path d="M8 3v10M3 8h10" />,
  remove: <path d="M4 4l8 8M12 4l-8 8" />,
  link: (
    <path d="M6 10l4-4M7 4.500l1.300-1.300a2.700 2.700 0 0 1 3.800 3.800L10.700 8.400M9 11.500l-1.300 1.300a2.700 2.700 0 0 1-3.800-3.800L5.300 7.600" />
  ),
  back: <path d="M13 8H3.500M7 4 3 8l4 4" />,
  offline: (
    <path d="M2 2l12 12M4.500 8.800a5 5 0 0 1 1.700-1M2.300 6.300a8 8 0 0 1 2-1.300M8 5.200V4.500a8 8 0 0 1 5.700 1.800M10.400 8a5 5 0 0 1 1.100.8M8 12.300v.1" />
  ),
  keys: <path d="M1.500 4.500h13v7h-13ZM4 7h.1M6.600 7h.1M9.200 7h.1M11.800 7h.1M5 9.500h6" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof drawings

export const isIcon = (name: string): name is IconName => name in drawings

export function Icon({ name, size = 14 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {drawings[name]}
    </svg>
  )
}
