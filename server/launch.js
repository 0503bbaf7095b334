/**
 * What happens before the command line is loaded, in a clone and in a bundle: checks this Node, and for `serve` sees to it that
 * Node runs with the flags of a small phone, however it was started. Plain JavaScript: the Node of a bundle strips no types.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

/**
 * V8's heap: 96 MiB of old objects and 3 * 4 MiB of young ones. What others send can never become code. Kernels are compiled one by one
 * in the self-test, not all at once by several threads, which takes 3 MiB less.
 */
const SERVE_FLAGS = [
  '--max-old-space-size=96',
  '--max-semi-space-size=4',
  '--disallow-code-generation-from-strings',
  '--wasm-lazy-compilation',
]

/**
 * On 32-bit ARM without NEON V8's middle compiler aborts ("unreachable code"), on the integer remainder and others. With NEON a server
 * without it answers for the first time after 3.0 s of processor time in place of 3.25 s, and answers 600 more in the same time
 * (emulated Cortex-A15, Node 24.21).
 */
const NO_MAGLEV = '--no-maglev'

/**
 * What the C library of Linux does with memory that is given back. It keeps a part for each thread, and the larger a piece that was
 * once given back, the larger those it keeps: after 30 rounds of learning 150 MiB of nothing. With these there are two such parts,
 * and what is larger than 1 MiB goes back to the system. Other C libraries ignore them.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576', // bytes
  MALLOC_TRIM_THRESHOLD_: '4194304', // bytes
}

/** A module whose only content is a function type with a v128: valid where the processor has the instructions for it. */
const SIMD_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123])

/** The environment variable by which a child knows the process that serves through it. */
const LAUNCHER = 'INKLING_LAUNCHER'

/** Time for `node --version` to answer, ms. */
const PROBE_TIMEOUT = 20_000

const PROGRAM = new URL('..', import.meta.url)

/** @typedef {{ validate(bytes: Uint8Array): boolean }} WebAssemblySupport */

/** Whether this is a clone, whose TypeScript is run as it is. */
export function isClone() {
  return existsSync(new URL('server/cli.ts', PROGRAM))
}

/** The flags of Node that `inkling serve` runs with, on this machine unless another processor is named. */
export function serveFlags(arch = process.arch) {
  return arch === 'arm' ? [...SERVE_FLAGS, NO_MAGLEV] : SERVE_FLAGS
}

/** Whether WebAssembly has SIMD here, on 32-bit ARM only with NEON. V8 finds out by itself what the processor has. */
export function hasSimd() {
  const { WebAssembly } = /** @type {{ WebAssembly: WebAssemblySupport }} */ (/** @type {unknown} */ (globalThis))
  return WebAssembly.validate(SIMD_MODULE)
}

/**
 * Those of `flags` that a Node was not given. One that was given with another value counts as given.
 * @param {readonly string[]} flags
 * @param {readonly string[]} given of the command line and of NODE_OPTIONS
 */
export function missingFlags(flags, given) {
  const names = given.map(flagName)
  return flags.filter((flag) => !names.includes(flagName(flag)))
}

// --max_heap_size, --max-old-space-size-percentage and --maglev say something of the same as flags above.
/** @param {string} flag */
function flagName(flag) {
  const name = flag.replace(/^-+(no[-_]?)?|=.*/g, '').replaceAll('_', '-')
  return /^max-(heap|old-space)-size/.test(name) ? 'max-old-space-size' : name
}

/**
 * Prepares this process for the command line; for `serve` Node is started again where flags are missing.
 * @returns {boolean} whether the command line shall be loaded; false where a child serves in place of this process
 * @throws Error with a sentence where this Node cannot run the program
 */
export function prepare() {
  hideExperimentalWarnings()
  if (isClone() && !process.features.typescript) {
    throw new Error(
      `this Node, ${process.versions.node}, cannot run TypeScript, which a clone needs; npm ci brings one that can where npm has it, and npm run bundle makes a bundle that needs none`,
    )
  }
  if (process.arch === 'arm' && missingFlags([NO_MAGLEV], givenFlags()).length > 0) {
    setFlagsFromString(NO_MAGLEV) // of this process, whatever the command and wherever it was started
  }
  if (process.argv[2] === 'serve') {
    endWithLauncher()
    process.on('SIGHUP', () => {}) // the end of a terminal is not the end of the server
    if (!startAgain()) return false
    endOnSignal()
  }
  // From the second start on compiled code comes from here: half the time. Not the shared temporary folder, which is Node's
  // own default: what lies there may be anybody's.
  module.enableCompileCache(fileURLToPath(new URL('.cache/node', PROGRAM)))
  return true
}

// node:sqlite is experimental in Node 22 and 24. That is known, and nothing an owner could act on.
function hideExperimentalWarnings() {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of listeners) listener(warning)
  })
}

// Until `serve` takes over. By default a signal would end it too, but not process 1 of a container.
function endOnSignal() {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) process.on(signal, () => process.exit(0))
}

// A launcher that is killed passes nothing on: its channel closes. Nobody could start another server while this one went on.
function endWithLauncher() {
  if (process.env[LAUNCHER] !== String(process.ppid)) return
  delete process.env[LAUNCHER]
  process.channel?.unref()
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/**
 * An environment with the settings of the allocator; the same one where it has them, or the system's C library has none. One that
 * was given by hand stays.
 * @param {string} platform
 * @param {NodeJS.ProcessEnv} env
 */
export function allocatorSettings(platform, env) {
  const known = platform !== 'linux' || Object.keys(ALLOCATOR).every((name) => env[name] !== undefined)
  return known ? env : { ...ALLOCATOR, ...env }
}

function givenFlags() {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')]
}

/** @returns {boolean} whether this process shall serve */
function startAgain() {
  const missing = missingFlags(serveFlags(), givenFlags())
  const env = allocatorSettings(process.platform, process.env)
  // on 32-bit ARM it is not worth another start where that may be an emulated one, which takes seconds
  const alone = env === process.env || !process.execve || process.arch === 'arm'
  if (missing.length === 0 && alone) return true
  const words = [...process.execArgv, ...missing, ...process.argv.slice(1)]
  if (!canStartItself(missing)) {
    if (missing.length === 0) return true
    console.error(
      `inkling: Node cannot start itself here and runs without ${missing.join(' ')}; give them by hand: node ${missing.join(' ')} ${process.argv[1]} serve`,
    )
    return true
  }
  // in the same process, so that no second one takes memory and is counted by Android
  if (process.execve) process.execve(process.execPath, [process.execPath, ...words], env)
  serveInChild(words, env)
  return false
}

// Under qemu-user the kernel refuses Node's own file, and process.execve would abort. `--version` also refuses unknown flags.
/** @param {readonly string[]} flags */
function canStartItself(flags) {
  const { stdout } = spawnSync(process.execPath, [...flags, '--version'], { encoding: 'utf8', timeout: PROBE_TIMEOUT })
  return stdout?.trim() === process.version
}

// For Node 22.13 and 22.14, which have no execve. Ctrl-C in a terminal reaches the child by itself; twice would be impatient.
/**
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 */
function serveInChild(words, env) {
  const ours = { ...env, [LAUNCHER]: String(process.pid) }
  const child = spawn(process.execPath, words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: ours })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGKILL']))
}
