/**
 * The tests are three projects. `fast` is all that `npm test` and `npx vitest` run: some 5 minutes on two cores, and nothing in it
 * depends on how busy the machine is. `npm run test:all` sets the mode `all`, in which two more run. `long`, which does not depend on
 * that either: whole training runs, thousands of pictures, and the fast tests of random cases again with more cases. `slow`, by itself:
 * processes killed in a loop, and everything measured by the clock.
 */

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { skippedReporter } from './test/skipped-reporter.ts'

const LONG = 'test/**/*.long.test.ts'
const SLOW = 'test/**/*.slow.test.ts'

/** Tests of random cases: few in `fast`, many in `long` (test/random-cases.ts). */
const RANDOM = 'test/**/*.random.test.ts'

/** What a machine with a load of 8 may take for a test of some seconds, ms. */
const PATIENCE = 180_000

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'threads',
    globalSetup: 'tools/build/before-tests.ts',
    setupFiles: 'test/setup.ts',
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', skippedReporter, ...(process.env.CI ? ['json'] : [])],
    outputFile: { json: 'build/test-report.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [LONG, SLOW],
          maxWorkers: Math.ceil(1.5 * availableParallelism()), // many tests wait for a server or a browser
          sequence: { groupOrder: 1 },
        },
      },
      ...(mode === 'all'
        ? [
            {
              extends: true as const,
              test: {
                name: 'long',
                include: [LONG, RANDOM],
                env: { INKLING_TEST_CASES: 'many' },
                testTimeout: 900_000,
                maxWorkers: availableParallelism(),
                sequence: { groupOrder: 2 },
              },
            },
            {
              extends: true as const,
              test: {
                name: 'slow',
                include: [SLOW],
                testTimeout: 900_000,
                maxWorkers: 1, // what is measured by the clock has the machine for itself
                sequence: { groupOrder: 3 },
              },
            },
          ]
        : []),
    ],
  },
}))
