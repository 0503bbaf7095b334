/** Two reports side by side: for each work the median times of one answer, in this browser and on the phone. */

import type { BackendName } from '../../core/backend/backend.ts'
import type { BenchmarkModel, BenchmarkReport } from '../../core/protocol.ts'

/** One backend on one work, µs of one call; undefined where a machine has not measured it. */
export interface ComparedTimes {
  readonly backend: BackendName
  readonly here: number | undefined
  readonly phone: number | undefined
}

/** One work on all backends that were measured anywhere, the most portable first. */
export interface Comparison {
  readonly id: string
  readonly title: string
  readonly lanes: readonly ComparedTimes[]
}

type Rows = readonly { readonly id: string; readonly title: string; readonly times: BenchmarkModel['times'] }[]

const LANES: readonly BackendName[] = ['ts', 'scalar', 'simd']

/** The models, the slowest first. */
export function compareModels(here: BenchmarkReport | undefined, phone: BenchmarkReport | undefined): Comparison[] {
  return pair(modelsOf(here), modelsOf(phone)).sort((a, b) => slowest(b) - slowest(a))
}

/** The kernels, in the order of the case table. */
export function compareKernels(here: BenchmarkReport | undefined, phone: BenchmarkReport | undefined): Comparison[] {
  return pair(kernelsOf(here), kernelsOf(phone))
}

// Nearest neighbours of other memory are another model: there are more of them where they were made of the data sets.
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
