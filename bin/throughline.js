#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { runOnNode24 } from './node24.js'

runOnNode24([fileURLToPath(new URL('../src/main/cli.ts', import.meta.url)), ...process.argv.slice(2)])
