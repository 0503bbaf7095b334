/** Reports of benchmarks side by side: each model and kernel with its times in every report, and what a machine is called. */

import type { BenchmarkEnvironment, BenchmarkReport, BenchmarkTimes } from '../protocol.ts'

/** A model or a kernel. */
export interface ComparedWork {
  readonly id: string // unique
  readonly label: string // short
  readonly title: string // for people
  /** Of each report, in their order; undefined where one has not measured it. */
  readonly times: readonly (BenchmarkTimes | undefined)[]
}

type Reports = readonly (BenchmarkReport | undefined)[]
type Row = Omit<ComparedWork, 'times'> & { readonly times: BenchmarkTimes }

/** The models of all reports, in the order of the first that has them. */
export function modelsSideBySide(reports: Reports): ComparedWork[] {
  return paired(reports.map((report) => (report?.models ?? []).map(modelRow)))
}

/** The kernels of all reports, in the order of the case table. */
export function kernelsSideBySide(reports: Reports): ComparedWork[] {
  const rows = ({ title, times }: BenchmarkReport['kernels'][number]): Row => ({
    id: title,
    label: title,
    title,
    times,
  })
  return paired(reports.map((report) => (report?.kernels ?? []).map(rows)))
}

/** What a device is called: as its owner names it, else as the system names its processor, else by its runtime. */
export function deviceName({ device, cpu, runtime, platform }: BenchmarkEnvironment): string {
  return device || cpu || [runtime, platform].filter(Boolean).join(', ')
}

// Nearest neighbours with another number of references are another model, which shows in the memory they take.
function modelRow({ model, type, memory, name, times }: BenchmarkReport['models'][number]): Row {
  const several = type === 'neighbours'
  const label = several ? `${model}, ${(memory / 2 ** 20).toFixed(1)} MiB` : model
  return { id: several ? `${model} ${memory}` : model, label, title: name, times }
}

function paired(reports: readonly (readonly Row[])[]): ComparedWork[] {
  const works = new Map<string, Row>()
  for (const rows of reports) for (const row of rows) if (!works.has(row.id)) works.set(row.id, row)
  return [...works.values()].map(({ id, label, title }) => ({
    id,
    label,
    title,
    times: reports.map((rows) => rows.find((row) => row.id === id)?.times),
  }))
}
