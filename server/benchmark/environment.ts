/** The machine and program that a benchmark on Node measures. Some phones hide their processor. */

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { BenchmarkEnvironment } from '../../core/protocol.ts'
import { kernelsDigest } from '../backend.ts'
import { bareValue } from '../files/variables.ts'

/** Files with the name of a phone's processor if `os.cpus` has none: the last line of one, or the name of the board. */
const CPU_FILES = [
  ['/proc/cpuinfo', /^(?:Hardware|model name)\s*:\s*(.+)$/m],
  ['/proc/device-tree/model', /^([^\0]+)/],
] as const

/** Longest name of a device, characters. */
const NAME = 60

/**
 * @param program version of this program
 * @param selfTest as `measurableBackends` gives it
 * @param name of this device; unless given, INKLING_DEVICE, else the processor's
 */
export function nodeEnvironment(
  program: string,
  selfTest: string,
  name = bareValue(process.env.INKLING_DEVICE ?? ''),
): BenchmarkEnvironment {
  const cpu = processorName()
  const device =
    name
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .slice(0, NAME)
      .trim() || cpu
  return {
    program,
    kernels: kernelsDigest(),
    runtime: `Node ${process.versions.node}`,
    engine: `V8 ${process.versions.v8}`,
    ...(device && { device }),
    ...(cpu && { cpu }),
    cores: Math.max(1, availableParallelism() || 1),
    arch: process.arch,
    platform: process.platform,
    memory: totalmem(),
    selfTest,
  }
}

/** Whether two reports were measured by the same program on the same machine. */
export function sameMachine(one: BenchmarkEnvironment, other: BenchmarkEnvironment): boolean {
  return (['program', 'kernels', 'runtime', 'cpu', 'cores', 'arch'] as const).every((key) => one[key] === other[key])
}

/** The name of this machine's processor; undefined where nothing tells it. */
export function processorName(): string | undefined {
  const named = cpus()[0]?.model.trim()
  if (named && named !== 'unknown') return named
  for (const [path, pattern] of CPU_FILES) {
    try {
      const found = pattern.exec(readFileSync(path, 'utf8'))?.[1].trim()
      if (found) return found
    } catch {
      // does not exist on this system, or cannot be read
    }
  }
  return undefined
}
