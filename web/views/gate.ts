/** The gate's verdict: the shipped model beside the candidate, overall and for every digit. */

import type { RoundReport } from '../../core/protocol.ts'
import { gateMessage, triesMessage, verdictMessage } from '../teaching/messages.ts'
import { element } from './element.ts'
import { percentagePoints, precisePercent } from './format.ts'
import { row } from './table.ts'

/** @param name returns a model's name */
export function createGateView(name: (model: string) => string): (report: RoundReport | undefined) => void {
  const root = element('gate', HTMLElement)
  const verdict = element('gate-verdict', HTMLElement)
  const text = element('gate-text', HTMLElement)
  const table = element('gate-table', HTMLTableElement)
  const rows = element('gate-rows', HTMLTableSectionElement)
  let shown: RoundReport | undefined
  return (report) => {
    root.hidden = report === undefined
    if (!report || report === shown) return
    shown = report
    const { gate, tries = [], round, model } = report
    verdict.textContent = gate ? `Round ${round}, ${name(model)}` : verdictMessage(report, name)
    table.hidden = gate === undefined
    text.textContent = gate ? `${gateMessage(gate)} ${triesMessage(tries)}`.trim() : ''
    if (!gate) return
    const { shipped, candidate, limits } = gate
    const compare = (title: string, before: number, after: number, limit: number): HTMLElement => {
      const line = row([title, precisePercent(before), precisePercent(after), percentagePoints(after - before)])
      // As in the gate: a loss of exactly the limit passes.
      line.classList.toggle('lost', before - after > limit + 1e-9)
      return line
    }
    const verdicts = [
      ['Digits not turned away', shipped.digitsKept, candidate.digitsKept, limits.digits],
      ['Others turned away', shipped.othersTurnedAway, candidate.othersTurnedAway, limits.others],
    ] as const
    rows.replaceChildren(
      compare('All', shipped.accuracy, candidate.accuracy, limits.overall),
      ...candidate.perClass.map((after, digit) =>
        compare(String(digit), shipped.perClass[digit] ?? 0, after, limits.worstClass),
      ),
      ...verdicts.flatMap(([title, before, after, limit = 0]) =>
        before === undefined || after === undefined ? [] : compare(title, before, after, limit),
      ),
    )
  }
}
