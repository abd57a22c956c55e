import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['testkit/server.ts'],
    include: ['{src,library,testkit,tools,e2e,console}/**/*.test.ts'],
    // Against what hangs; on a busy machine a database alone may take half a minute to start.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // A file's own is its database, not its modules: loading them for each file took a third of the run.
    isolate: false,
  },
})
