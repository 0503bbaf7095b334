import { defineConfig } from 'vitest/config'

/** Tests that look at a clock, or unpack and start a second browser: nothing else runs beside them. */
const TIMED = [
  'test/core/models/csv.test.ts',
  'test/core/png/refuse.test.ts',
  'test/faults/*.test.ts',
  'test/server/benchmark/thread.test.ts',
  'test/server/learning/{server,thread}.test.ts',
  'test/server/lifecycle.test.ts',
  'test/server/http/{limits,protocol,refuse}.test.ts',
  'test/web/{page/benchmark,chromium}.test.ts',
]

export default defineConfig({
  test: {
    pool: 'threads',
    setupFiles: 'test/setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'beside others',
          include: ['test/**/*.test.ts'],
          exclude: ['test/arm/**', ...TIMED],
          maxWorkers: '100%', // of the processors: by default one is left out, of two that is half
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
