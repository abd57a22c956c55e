export const durationUnits = ['min', 'h', 'days', 'weeks', 'business hours', 'business days'] as const

const written = /^(\d+)\s*(min|h|days?|weeks?|business days?|business hours?)$/

/** A duration of the language as its two fields show it. */
export function partsOfDuration(value: string | undefined): { amount: string; unit: string } {
  const [, amount = '', unit = 'business days'] = written.exec(value ?? '') ?? []
  const known = durationUnits.find((one) => one === unit || one === `${unit}s`)
  return { amount, unit: known ?? 'business days' }
}
