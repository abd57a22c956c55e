const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Extensions by their address: their order says nothing. Undefined for any other list, and where an address comes twice. */
function byUrl(list: readonly unknown[]): Record<string, unknown> | undefined {
  const entries = list.map((one) => [isObject(one) && typeof one['url'] === 'string' ? one['url'] : '', one] as const)
  const urls = new Set(entries.map(([url]) => url))
  return urls.size < entries.length || urls.has('') ? undefined : Object.fromEntries(entries)
}

/** FHIRPaths at which what came differs from what would be made, the outermost only, at most `most`. */
export function differencesOf(came: unknown, made: unknown, path: string, most = 50): string[] {
  if (Array.isArray(came) && Array.isArray(made)) {
    const [cameBy, madeBy] = [byUrl(came), byUrl(made)]
    if (cameBy && madeBy && path.endsWith('xtension'))
      return Object.keys({ ...cameBy, ...madeBy }).flatMap((url) =>
        differencesOf(cameBy[url], madeBy[url], `${path}('${url}')`, most),
      )
    const paths: string[] = []
    for (let index = 0; index < Math.max(came.length, made.length) && paths.length < most; index += 1)
      paths.push(...differencesOf(came[index], made[index], `${path}[${index}]`, most))
    return paths.slice(0, most)
  }
  if (isObject(came) && isObject(made)) {
    const paths: string[] = []
    for (const name of new Set([...Object.keys(came), ...Object.keys(made)]))
      paths.push(...differencesOf(came[name], made[name], `${path}.${name}`, most))
    return paths.slice(0, most)
  }
  return came === made ? [] : [path]
}
