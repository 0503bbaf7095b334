/** The machines the ARM run compares: this one, and 32-bit ARM processors under qemu-user, each with its Node. */

import { join } from 'node:path'
import type { BackendName } from '../../core/backend/backend.ts'
import { startProcess } from '../child-processes.ts'
import type { Report } from './guest/report.ts'
import { GUEST_BASE } from './memory.ts'

export interface Machine {
  readonly name: string
  /** The command that runs a JavaScript file there, as program and leading arguments. */
  readonly command: readonly string[]
  /** What it can run, the fastest last. */
  readonly backends: readonly BackendName[]
  readonly emulated: boolean
}

export interface Outcome {
  readonly report?: Report
  /** Why there is no report: how the process ended, and the end of its standard error. */
  readonly failure?: string
  readonly seconds: number
}

/** An emulated 32-bit ARM processor; `sysroot` is what sysroot.sh printed, `cpu` a -cpu value of qemu-arm. */
export function emulated(
  name: string,
  sysroot: string,
  cpu: string,
  backends: readonly BackendName[],
  nodeFlags: readonly string[] = [],
): Machine {
  const node = join(sysroot, 'usr/bin/node')
  const qemu = ['qemu-arm-static', '-B', `0x${GUEST_BASE.toString(16)}`, '-cpu', cpu, '-L', sysroot]
  return { name, command: [...qemu, node, ...nodeFlags], backends, emulated: true }
}

/** This machine with the Node that runs this file: the reference. */
export function host(): Machine {
  const name = `${process.arch}, Node ${process.versions.node}`
  return { name, command: [process.execPath], backends: ['ts', 'scalar', 'simd'], emulated: false }
}

/**
 * Runs a bundled guest program on a machine and reads the report it writes to standard output. Never throws: a crash
 * of the emulated Node is an outcome. The time limit (s) is generous, it only ends hangs.
 */
export function run(machine: Machine, file: string, args: readonly string[], limit = 900): Promise<Outcome> {
  const [program, ...leading] = machine.command
  const started = performance.now()
  return new Promise((resolve) => {
    const out: string[] = []
    const err: string[] = []
    const child = startProcess(program, [...leading, file, ...args])
    const timer = setTimeout(() => child.kill('SIGKILL'), limit * 1000)
    const end = (outcome: Pick<Outcome, 'report' | 'failure'>) => {
      clearTimeout(timer)
      resolve({ ...outcome, seconds: (performance.now() - started) / 1000 })
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text))
    child.on('error', (error) => end({ failure: error.message }))
    child.on('close', (code, signal) => {
      const ending = signal ?? (code === null ? 'no exit code' : `exit ${code}`)
      const said = err.join('').trim().split('\n').slice(-12).join('\n')
      try {
        if (code !== 0) throw new Error(ending)
        end({ report: JSON.parse(out.join('')) as Report })
      } catch (error) {
        end({ failure: `${error instanceof Error ? error.message : ending}\n${said}`.trim() })
      }
    })
  })
}
