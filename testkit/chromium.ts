import { existsSync } from 'node:fs'

/** A Chromium on this machine, or undefined: the browser tests are skipped then, and `npm test` says so loudly. */
export const findChromium = (): string | undefined =>
  [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && path !== '' && existsSync(path),
  )
