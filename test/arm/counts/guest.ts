/**
 * The program whose instructions are counted, bundled to one JavaScript file. It calls every case of a file in one column, first
 * until the compilers are done, then between marks. It writes nothing; counts.ts knows the order.
 *
 * usage: guest.mjs COLUMN WASM_FOLDER CASES      CASES is what V8's serializer made of a Plan
 */

import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { deserialize } from 'node:v8'
import type { Backend } from '../../../core/backend/backend.ts'
import { typescriptBackend } from '../../../core/backend/typescript.ts'
import { wasmBackend } from '../../../core/backend/wasm.ts'
import { plainBackend } from '../../../core/benchmark/plain/backend.ts'
import { CASE_MEMORY, type Case, placeCase } from '../../../core/kernels/case.ts'
import type { BenchmarkColumn } from '../../../core/protocol.ts'

/** The calls to make. The cases are made beforehand: making them takes an emulator longer than all the calls. */
export interface Plan {
  readonly cases: readonly Case[]
  /** Calls from one mark to the next, for each case. */
  readonly calls: readonly number[]
  /** Number of intervals between marks: for each case, and before all of them for an empty interval. */
  readonly stretches: number
}

// Calls before the first mark. V8 optimises JavaScript after some ten million interpreter steps, and after a few calls at the
// earliest, and again after a shape that the code optimised before did not expect; for WASM only the calling code has to be optimised.
const WARM_WORK = 6e6 // multiply-adds or elements
const WARM_CALLS = {
  plain: { least: 8, most: 400 },
  ts: { least: 8, most: 400 },
  scalar: { least: 3, most: 10 },
  simd: { least: 3, most: 10 },
}

// The plugin treats this system call as a mark; for this process it always succeeds.
const mark = () => getPriority(process.pid)

function callMarked(call: () => void, warmCalls: number, calls: number, stretches: number): void {
  for (let i = 0; i < warmCalls; i++) call()
  mark()
  for (let i = 0; i < stretches; i++) {
    for (let k = 0; k < calls; k++) call()
    mark()
  }
}

function createBackend(name: BenchmarkColumn, wasmFolder: string): Backend {
  if (name === 'ts') return typescriptBackend(CASE_MEMORY)
  if (name === 'plain') return plainBackend(CASE_MEMORY)
  return wasmBackend(name, new WebAssembly.Module(readFileSync(join(wasmFolder, `${name}.wasm`))), CASE_MEMORY)
}

const [choice, wasmFolder, file] = process.argv.slice(2)
const name = choice as BenchmarkColumn
const { least, most } = WARM_CALLS[name]
const backend = createBackend(name, wasmFolder)
const { cases, calls, stretches } = deserialize(readFileSync(file)) as Plan
for (let i = 0; i < most; i++) getPriority(0) // for the process itself, which is not a mark
callMarked(() => {}, most, 1, stretches)
for (const [i, tested] of cases.entries()) {
  const start = backend.arena.mark()
  const { call } = placeCase(backend, tested)
  callMarked(call, Math.min(Math.max(Math.ceil(WARM_WORK / tested.work), least), most), calls[i], stretches)
  backend.arena.release(start)
}
