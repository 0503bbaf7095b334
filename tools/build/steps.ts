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
  'weights/replay.json',
  'weights/replay.safetensors',
  'package.json',
  ...PACKAGES,
  ...BUILDER,
]

/** Which server the page asks where it is hosted without one. */
const PAGE_VARIABLES = ['INKLING_API']

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
    variables: PAGE_VARIABLES,
    make: async (root) => (await import('./page.ts')).bundlePage(root, 'web', 'production'),
  },
]

/** What `inkling serve` loads, as one file: as 75 files it takes twice the processor time to load. */
const SERVE = { name: 'serve', modules: ['server/commands/run-server.ts', 'server/node.ts'] }

/** What only the bundle needs: server and command line as JavaScript, which no Node has to strip of types. */
const SERVER: Step = {
  output: 'server',
  inputs: ['server', 'core', 'tsconfig.json', 'package.json', ...PACKAGES, ...BUILDER],
  make: async (root) =>
    (await import('./node-code.ts')).bundleNodeCode(root, 'server', { cli: 'server/cli.ts' }, SERVE),
}

const LICENCES: Step = {
  output: 'licences.md',
  inputs: ['LICENSE', 'weights', 'build/server/licences.json', 'build/web/licences.json', ...BUILDER],
  make: async (root) => (await import('./licences.ts')).writeLicences(root),
}

/** All that `npm run bundle` and `npm pack` send. */
export const PACKAGE_STEPS: readonly Step[] = [...STEPS, SERVER, LICENCES]

/** The page that `npm run dev` serves: it reloads itself when the server has a newer one. */
export const DEVELOPMENT_PAGE: Step = {
  output: 'web-dev',
  inputs: PAGE_INPUTS,
  variables: PAGE_VARIABLES,
  make: async (root) => (await import('./page.ts')).bundlePage(root, 'web-dev', 'development'),
}

/** Inkling as `npm run peers` measures it beside other libraries, which are built as well. */
export const PEERS: Step = {
  output: 'peers',
  inputs: ['tools/peers', 'core', 'tsconfig.json', ...PACKAGES, ...BUILDER],
  make: async (root) =>
    (await import('./node-code.ts')).bundleNodeCode(root, 'peers', { inkling: 'tools/peers/inkling.ts' }),
}
