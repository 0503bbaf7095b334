/** The section on speed: the buttons, the progress, the chart, and the machines that are compared. */

import type { BrowserBenchmark } from '../benchmark/browser-benchmark.ts'
import { compareKernels, compareModels } from '../benchmark/comparison.ts'
import type { ChosenFile, LoadedReports } from '../benchmark/loaded-reports.ts'
import {
  browserBenchmarkMessage,
  comparisonMessage,
  driftWarning,
  machineSummary,
  measuredShare,
  phoneBenchmarkMessage,
} from '../benchmark/messages.ts'
import type { PhoneBenchmark } from '../benchmark/phone-benchmark.ts'
import { createBenchmarkChart } from './benchmark-chart.ts'
import { element, setText } from './element.ts'
import { listFacts } from './facts.ts'

export interface BenchmarkView {
  /** Whether the section is open. */
  readonly open: boolean
  /** @param bytes size of all models together, 0 where it is not known */
  show(measuring: BrowserBenchmark, phone: PhoneBenchmark, loaded: LoadedReports, bytes: number): void
}

/** What the visitor does. */
export interface BenchmarkActions {
  /** The section was opened or closed. */
  toggled(): void
  /** The button to start and stop was pressed. */
  pressed(): void
  /** This browser's report shall be saved. */
  save(): void
  /** Files of reports were chosen. */
  load(files: readonly ChosenFile[]): void
  /** The files shall no longer be compared. */
  clear(): void
}

export function createBenchmarkView(actions: BenchmarkActions): BenchmarkView {
  const root = element('speed', HTMLDetailsElement)
  const button = element('measure', HTMLButtonElement)
  const text = element('measure-text', HTMLElement)
  const said = element('measure-said', HTMLElement)
  const bar = element('measured', HTMLProgressElement)
  const phoneText = element('phone-speed', HTMLElement)
  const save = element('save-speed', HTMLButtonElement)
  const files = element('speed-files', HTMLInputElement)
  const clear = element('clear-files', HTMLButtonElement)
  const filesText = element('speed-files-text', HTMLElement)
  const verdict = element('speed-verdict', HTMLElement)
  const warning = element('speed-warning', HTMLElement)
  const facts = element('speed-facts', HTMLDListElement)
  const chart = createBenchmarkChart()
  let drawn: readonly unknown[] = []
  root.addEventListener('toggle', actions.toggled)
  button.addEventListener('click', actions.pressed)
  save.addEventListener('click', actions.save)
  files.addEventListener('change', () => {
    const chosen = [...(files.files ?? [])]
    files.value = '' // so that the same file can be chosen again
    if (chosen.length > 0) actions.load(chosen)
  })
  clear.addEventListener('click', () => {
    actions.clear()
    files.focus() // the button is gone
  })
  return {
    get open() {
      return root.open
    },
    show(measuring, { reply }, loaded, bytes) {
      const { state, report: here } = measuring
      button.textContent = measuring.busy ? 'Stop' : here ? 'Measure again' : 'Measure this browser'
      text.textContent = browserBenchmarkMessage(state, here, bytes)
      // Screen readers announce the beginning and the end, not every step.
      const news = measuring.busy ? 'Measuring this browser …' : state.kind === 'idle' ? '' : text.textContent
      setText(said, news)
      const share = measuredShare(state)
      bar.hidden = share === undefined
      bar.value = share ?? 0
      phoneText.textContent = phoneBenchmarkMessage(reply)
      phoneText.hidden = phoneText.textContent === ''
      save.hidden = !here
      clear.hidden = loaded.reports.length === 0
      setText(filesText, loaded.message)

      const phone = reply?.kind === 'ok' && reply.value.state === 'measured' ? reply.value.report : undefined
      const now = [here, phone, loaded.reports]
      if (now.every((one, i) => one === drawn[i])) return
      drawn = now
      const others = loaded.reports.map(({ name }) => name)
      const names = ['This browser', 'The phone', ...others]
      const reports = [here, phone, ...loaded.reports.map(({ report }) => report)]
      const models = compareModels(reports)
      chart(names, models, compareKernels(reports))
      verdict.textContent = comparisonMessage(models, others)
      warning.textContent = reports
        .map((report, i) => (report ? driftWarning(names[i], report) : ''))
        .filter(Boolean)
        .join(' ')
      listFacts(
        facts,
        reports.flatMap((report, i) => (report ? [[names[i], machineSummary(report)] as const] : [])),
      )
    },
  }
}
