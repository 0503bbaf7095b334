/** Reports of other machines, from files that the visitor chose. They are read here and sent nowhere. */

import { parseReport, REPORT_BYTES } from '../../core/benchmark/parse-report.ts'
import { deviceName } from '../../core/benchmark/side-by-side.ts'
import { messageOf, quoted } from '../../core/errors.ts'
import type { BenchmarkReport } from '../../core/protocol.ts'
import { fileSize, quantity } from '../views/format.ts'

/** Most machines beside this browser and the phone: the chart has so many colours. */
export const LOADED_REPORTS = 4

/** Longest name of a machine, characters. */
const NAME = 40

/** What is used of a File. */
export interface ChosenFile {
  readonly name: string
  readonly size: number
  text(): Promise<string>
}

export interface LoadedReport {
  readonly name: string // of the machine
  readonly report: BenchmarkReport
}

export class LoadedReports {
  reports: readonly LoadedReport[] = []
  /** What became of the last files, in a sentence or several. */
  message = ''

  /** Reads files one after the other. One that is no report is left out, and said. */
  async add(files: readonly ChosenFile[]): Promise<void> {
    const said: string[] = []
    const before = this.reports.length
    for (const file of files) {
      try {
        this.#take(await read(file))
      } catch (error) {
        said.push(`${messageOf(error)}.`)
      }
    }
    const added = this.reports.length - before
    if (added > 0) said.unshift(`Added ${quantity(added, 'machine')}.`)
    this.message = said.join(' ')
  }

  clear(): void {
    this.reports = []
    this.message = 'The files are no longer compared.'
  }

  #take(report: BenchmarkReport): void {
    const name = cut(deviceName(report.environment))
    const known = this.reports.some((one) => one.name === name && one.report.at === report.at)
    if (known) throw new Error(`The report of ${name} is shown already`)
    if (this.reports.length >= LOADED_REPORTS) {
      throw new Error(`${name} is left out: at most ${quantity(LOADED_REPORTS, 'file')} can be compared at a time`)
    }
    this.reports = [...this.reports, { name, report }]
  }
}

async function read(file: ChosenFile): Promise<BenchmarkReport> {
  if (file.size > REPORT_BYTES) {
    const most = fileSize(REPORT_BYTES)
    throw new Error(
      `${quoted(file.name)} is no report of a benchmark: it has ${fileSize(file.size)}, expected at most ${most}`,
    )
  }
  let text: string
  try {
    text = await file.text()
  } catch {
    throw new Error(`${quoted(file.name)} could not be read; choose it again`)
  }
  return parseReport(text, file.name)
}

function cut(name: string): string {
  return name.length > NAME ? `${name.slice(0, NAME - 1).trimEnd()}…` : name
}
