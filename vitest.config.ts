import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/leftOut.ts',
    // Vitest would leave one core free, and many machines have two.
    maxWorkers: '100%',
    testTimeout: 30_000,
    // No test asks a hub but its own.
    env: { HF_HUB_OFFLINE: '1' },
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/test-results.json' },
  },
})
