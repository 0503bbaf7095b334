/** What a benchmark on Node was measured on, as far as the system tells: some phones hide their processor. */

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { BenchmarkEnvironment } from '../../core/protocol.ts'
import { kernelsDigest } from '../backend.ts'

/** Where the name of a phone's processor stands if `os.cpus` has none: its last line, or the board's own words. */
const CPU_FILES = [
  ['/proc/cpuinfo', /^(?:Hardware|model name)\s*:\s*(.+)$/m],
  ['/proc/device-tree/model', /^([^\0]+)/],
] as const

/**
 * @param program version of this program
 * @param selfTest as `measurableBackends` gives it
 */
export function nodeEnvironment(program: string, selfTest: string): BenchmarkEnvironment {
  const cpu = processor()
  return {
    program,
    kernels: kernelsDigest(),
    runtime: `Node ${process.versions.node}`,
    engine: `V8 ${process.versions.v8}`,
    ...(cpu && { cpu }),
    cores: availableParallelism(),
    arch: process.arch,
    platform: process.platform,
    memory: totalmem(),
    selfTest,
  }
}

/** Whether two reports were measured by the same program on the same machine, so that one can stand for the other. */
export function sameMachine(one: BenchmarkEnvironment, other: BenchmarkEnvironment): boolean {
  return (['program', 'kernels', 'runtime', 'cpu', 'cores', 'arch'] as const).every((key) => one[key] === other[key])
}

function processor(): string | undefined {
  const named = cpus()[0]?.model.trim()
  if (named && named !== 'unknown') return named
  for (const [path, pattern] of CPU_FILES) {
    try {
      const found = pattern.exec(readFileSync(path, 'utf8'))?.[1].trim()
      if (found) return found
    } catch {
      // not on this system, or not for us
    }
  }
  return undefined
}
