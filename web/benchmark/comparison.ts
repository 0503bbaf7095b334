/** Pairs two benchmark reports: for each model and kernel, the median time of one call in this browser and on the phone. */

import { BACKEND_NAMES, type BackendName } from '../../core/backend/backend.ts'
import type { BenchmarkModel, BenchmarkReport } from '../../core/protocol.ts'

/** The times of one backend for one model or kernel, µs per call; undefined where a machine has not measured it. */
export interface ComparedTimes {
  readonly backend: BackendName
  readonly here: number | undefined
  readonly phone: number | undefined
}

/** One model or kernel on all backends that either machine measured, the most portable backend first. */
export interface Comparison {
  readonly id: string
  readonly title: string
  readonly lanes: readonly ComparedTimes[]
}

type Rows = readonly { readonly id: string; readonly title: string; readonly times: BenchmarkModel['times'] }[]

const LANES = BACKEND_NAMES.toReversed()

/** The models, the slowest first. */
export function compareModels(here: BenchmarkReport | undefined, phone: BenchmarkReport | undefined): Comparison[] {
  return pair(modelsOf(here), modelsOf(phone)).sort((a, b) => slowest(b) - slowest(a))
}

/** The kernels, in the order of the case table. */
export function compareKernels(here: BenchmarkReport | undefined, phone: BenchmarkReport | undefined): Comparison[] {
  return pair(kernelsOf(here), kernelsOf(phone))
}

// Nearest neighbours with another number of references are another model, which shows in the memory they take.
function modelsOf(report: BenchmarkReport | undefined): Rows {
  return (report?.models ?? []).map(({ model, type, memory, name, times }) => {
    return { id: type === 'neighbours' ? `${model} ${memory}` : model, title: name, times }
  })
}

function kernelsOf(report: BenchmarkReport | undefined): Rows {
  return (report?.kernels ?? []).map(({ title, times }) => ({ id: title, title, times }))
}

function pair(here: Rows, phone: Rows): Comparison[] {
  const all = [...here, ...phone.filter(({ id }) => !here.some((one) => one.id === id))]
  return all.map(({ id, title }) => {
    const [mine, its] = [here, phone].map((rows) => rows.find((one) => one.id === id)?.times)
    const lanes = LANES.filter((backend) => mine?.[backend] ?? its?.[backend]).map((backend) => ({
      backend,
      here: mine?.[backend]?.median,
      phone: its?.[backend]?.median,
    }))
    return { id, title, lanes }
  })
}

function slowest({ lanes }: Comparison): number {
  return Math.max(0, ...lanes.map(({ here, phone }) => here ?? phone ?? 0))
}
