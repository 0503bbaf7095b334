/** Checks of what runs the program: Node, type stripping, and the processor. All are pure over what they are handed. */

import { type Finding, fault, ok } from './finding.ts'

/** The oldest Node that runs the program. */
const OLDEST = '22.13.0'

/**
 * In these versions, on 32 bit, zlib reports freed memory to V8 while V8 collects garbage; V8 then collects inside of the
 * collection and crashes. nodejs/node#59623 mended it, and first appeared in 24.8.0 (its change log of 2025-09-10). Node 22 has
 * an older V8 without the function, and 25.0.0 came after the correction. Reported as termux/termux-packages#25455.
 */
const CRASHING = { from: '24.0.0', below: '24.8.0' }

const ARCHITECTURES_32_BIT = ['arm', 'ia32', 'mips', 'mipsel']

/** What a check of Node looks at: parts of `process`. */
export interface NodeBuild {
  readonly version: string // without v
  readonly arch: string
  readonly v8: string
  readonly sqlite: boolean // whether node:sqlite is in it
  readonly termux: boolean
}

export function checkNode({ version, arch, v8, sqlite, termux }: NodeBuild): Finding {
  const name = 'node'
  const found = `Node ${version}, V8 ${v8}, ${arch}`
  const bits32 = ARCHITECTURES_32_BIT.includes(arch)
  const remedy = termux ? 'pkg upgrade nodejs-lts' : 'a newer Node: https://nodejs.org/en/download'
  if (isBelow(version, OLDEST)) return fault('problem', name, found, `Node ${OLDEST} or newer`, remedy)
  if (bits32 && !isBelow(version, CRASHING.from) && isBelow(version, CRASHING.below)) {
    const expected = `Node ${CRASHING.below} or newer: on 32 bit, zlib crashes the garbage collector of earlier 24`
    return fault('problem', name, found, expected, remedy)
  }
  if (!sqlite) return fault('problem', name, `${found}, without SQLite`, 'a build with node:sqlite', remedy)
  return ok(name, found)
}

/** Whether Node can run the TypeScript of a clone. Nothing else needs it: a bundle holds JavaScript. */
export function checkTypeStripping(clone: boolean, feature: string | false | undefined): Finding {
  const name = 'type-stripping'
  if (!clone) return ok(name, 'not needed: this is a bundle')
  if (feature) return ok(name, `Node runs TypeScript (${feature})`)
  const expected = 'a Node that strips types, for this is a clone; a bundle needs none'
  return fault('problem', name, 'this Node runs no TypeScript', expected, 'npm run bundle')
}

export function checkArchitecture(platform: string, arch: string): Finding {
  return ok('architecture', `${arch}, ${ARCHITECTURES_32_BIT.includes(arch) ? 32 : 64} bit, ${platform}`)
}

/**
 * Whether an ARM processor computes four numbers at once.
 * @param cpuinfo text of /proc/cpuinfo; undefined where it cannot be read
 * @param simd whether WebAssembly has SIMD here, which V8 offers only where the processor has it
 */
export function checkNeon(arch: string, cpuinfo: string | undefined, simd: boolean): Finding {
  const name = 'neon'
  if (arch !== 'arm' && arch !== 'arm64') return ok(name, `not needed on ${arch}`)
  const features = /^Features\s*:(.*)$/m
    .exec(cpuinfo ?? '')?.[1]
    .trim()
    .split(/\s+/)
  const listed = features?.some((one) => one === 'neon' || one === 'asimd')
  if (listed ?? simd) return ok(name, listed ? 'the processor has it' : 'V8 uses it')
  const expected = 'a processor with NEON; without, the same answers take longer'
  return fault('warning', name, 'the processor has none', expected)
}

/** Whether a version `a.b.c` is older than another. */
function isBelow(version: string, other: string): boolean {
  const [mine, theirs] = [version, other].map((text) => text.split(/[.-]/).slice(0, 3).map(Number))
  const at = mine.findIndex((part, i) => part !== theirs[i])
  return at >= 0 && mine[at] < theirs[at]
}
