/** The steps of the build in their order. What compiles is loaded only when a step runs: the stale check is part of every start. */

import type { Step } from './step.ts'

/** What decides which compilers run: what npm should have installed, and what it did install. */
const PACKAGES = ['package-lock.json', 'node_modules/.package-lock.json']

const BUILDER = ['tools/build.ts', 'tools/build']

const PAGE_INPUTS = [
  'web',
  'core',
  'tsconfig.json',
  'build/simd.wasm',
  'build/scalar.wasm',
  'package.json',
  ...PACKAGES,
  ...BUILDER,
]

function kernels(target: 'simd' | 'scalar'): Step {
  return {
    output: `${target}.wasm`,
    inputs: ['assembly', 'asconfig.json', ...PACKAGES, ...BUILDER],
    make: async (root) => (await import('./kernels.ts')).compileKernels(root, target),
  }
}

export const STEPS: readonly Step[] = [
  kernels('simd'),
  kernels('scalar'),
  {
    output: 'web',
    inputs: PAGE_INPUTS,
    make: async (root) => (await import('./page.ts')).bundlePage(root, 'web', 'production'),
  },
]

/** The page that `npm run dev` serves: it reloads itself when the server has a newer one. */
export const DEVELOPMENT_PAGE: Step = {
  output: 'web-dev',
  inputs: PAGE_INPUTS,
  make: async (root) => (await import('./page.ts')).bundlePage(root, 'web-dev', 'development'),
}
