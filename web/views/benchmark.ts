/** The section on speed: the button, the progress, the chart and the two machines. */

import type { BrowserBenchmark } from '../benchmark/browser-benchmark.ts'
import { compareKernels, compareModels } from '../benchmark/comparison.ts'
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
  show(measuring: BrowserBenchmark, phone: PhoneBenchmark, bytes: number): void
}

/**
 * @param toggled called when the section is opened or closed
 * @param press called when the button to start and stop is pressed
 */
export function createBenchmarkView(toggled: () => void, press: () => void): BenchmarkView {
  const root = element('speed', HTMLDetailsElement)
  const button = element('measure', HTMLButtonElement)
  const text = element('measure-text', HTMLElement)
  const said = element('measure-said', HTMLElement)
  const bar = element('measured', HTMLProgressElement)
  const phoneText = element('phone-speed', HTMLElement)
  const verdict = element('speed-verdict', HTMLElement)
  const warning = element('speed-warning', HTMLElement)
  const facts = element('speed-facts', HTMLDListElement)
  const chart = createBenchmarkChart()
  let drawn: readonly unknown[] = []
  root.addEventListener('toggle', toggled)
  button.addEventListener('click', press)
  return {
    get open() {
      return root.open
    },
    show(measuring, { reply }, bytes) {
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

      const phone = reply?.kind === 'ok' && reply.value.state === 'measured' ? reply.value.report : undefined
      if (drawn[0] === here && drawn[1] === phone) return
      drawn = [here, phone]
      const models = compareModels(here, phone)
      chart(models, compareKernels(here, phone))
      verdict.textContent = comparisonMessage(models)
      const warnings = [here && driftWarning('This browser', here), phone && driftWarning('The phone', phone)]
      warning.textContent = warnings.filter(Boolean).join(' ')
      listFacts(facts, [
        ...(here ? [['This browser', machineSummary(here)] as const] : []),
        ...(phone ? [['The phone', machineSummary(phone)] as const] : []),
      ])
    },
  }
}
