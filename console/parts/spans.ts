/** A span of minutes as one count of the largest unit that still says something: 90 minutes are 1 hour, 30 hours stay hours. */
export function spanOf(minutes: number): { count: number; unit: 'minute' | 'hour' | 'day' } {
  const length = Math.abs(minutes)
  if (length < 60) return { count: Math.floor(length), unit: 'minute' }
  if (length < 36 * 60) return { count: Math.floor(length / 60), unit: 'hour' }
  return { count: Math.floor(length / 1440), unit: 'day' }
}

/** Whether four fifths of the time between the making of a task and its due time have passed. */
export function runsShort(item: { createdAt: string; due: string | null; overdue: boolean }, now: number): boolean {
  if (item.due === null || item.overdue) return false
  const start = Date.parse(item.createdAt)
  const end = Date.parse(item.due)
  return end > start && (now - start) / (end - start) >= 0.8
}
