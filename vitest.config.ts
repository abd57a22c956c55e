import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['testkit/server.ts'],
    include: ['{src,library,testkit,tools,e2e,console}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
