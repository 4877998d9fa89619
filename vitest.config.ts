import { defineConfig } from 'vitest/config'

/** What needs modules of its own: it replaces some, or counts what its process holds. */
const alone = [
  'test/backends/{dispose,heap,threads}.test.ts',
  'test/backends/tfjs/missing.test.ts',
  'test/faults/*.test.ts',
  'test/generation/{model,steadyState}.test.ts',
  'test/hub/{noLinks,readOnly}.test.ts',
  'test/serve/{lifetime,load}.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: 'test/leftOut.ts',
    // Vitest would leave one core free, and many machines have two.
    maxWorkers: '100%',
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/test-results.json' },
    testTimeout: 30_000,
    // No test asks a hub but its own.
    env: { HF_HUB_OFFLINE: '1' },
    projects: [
      {
        extends: true,
        // Loading the library anew for every file takes a quarter of the time.
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
          setupFiles: 'test/freshState.ts',
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})
