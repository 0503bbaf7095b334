/** `inkling bench compare`: the reports of several devices as one table, or as one chart. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Command } from 'commander'
import { parseReport } from '../../core/benchmark/parse-report.ts'
import { CHART_DEVICES, drawComparison } from '../report/compare-chart.ts'
import { describeComparison } from '../report/compare-table.ts'

/** Most reports: the table has three columns for each. */
const MOST = 26

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Put the reports of several devices side by side: models and kernels, in plain JavaScript and on the fastest backend.',
    )
    .argument('<files...>', 'what inkling bench --json printed on each device, of any release')
    .option('--svg <file>', 'draw them; - for standard output in place of the table')
    .action((files: string[], _: unknown, self: Command) => {
      // an option that the command above has too is that one's
      compare(files, self.optsWithGlobals<{ svg?: string }>().svg)
    })
}

/** @throws Error with exit code 2 for a file that is no report */
function compare(files: readonly string[], svg: string | undefined): void {
  if (files.length > MOST) throw wrongUse(`got ${files.length} reports, expected at most ${MOST}`)
  if (svg !== undefined && files.length > CHART_DEVICES) {
    throw wrongUse(`--svg: got ${files.length} reports, expected at most ${CHART_DEVICES}, one for each colour`)
  }
  if (svg && svg !== '-' && !existsSync(dirname(svg))) throw new Error(`there is no folder ${dirname(svg)}`)
  const reports = files.map((file) => {
    const text = readFileSync(file, 'utf8')
    try {
      return parseReport(text, basename(file))
    } catch (error) {
      throw wrongUse((error as Error).message)
    }
  })
  const drawing = svg === undefined ? '' : drawComparison(reports)
  if (svg && svg !== '-') writeFileSync(svg, drawing)
  if (svg === '-') process.stdout.write(drawing)
  else console.log(describeComparison(reports))
}

function wrongUse(message: string): Error {
  return Object.assign(new Error(message), { exitCode: 2 })
}
