import { defineConfig } from 'vitest/config'

// The servers' guard process and the services are TypeScript, which older ones cannot run.
if (Number(process.versions.node.split('.')[0]) < 26) {
  throw new Error(
    'Run the tests with `npm test`, which brings its own Node; arguments go to vitest: `npm test -- test/local`.',
  )
}

export default defineConfig({
  test: {
    // A test file with its servers and services is a dozen processes.
    maxWorkers: 2,
    teardownTimeout: 20_000,
    reporters: ['default', './test/report-counts.ts'],
    projects: [
      {
        test: {
          name: 'pure',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'services/*/src/**/*.test.ts',
            'deploy/*/src/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts', 'services/*/test/**/*.test.ts'],
          globalSetup: ['test/infrastructure/global-setup.ts'],
          setupFiles: ['test/infrastructure/show-output-on-failure.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
