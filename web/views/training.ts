/** The section on how the phone learns: the state, the curves of two rounds, the gate, and the drawings it learned from. */

import type { VisitorCorrection } from '../teaching/correction.ts'
import { trainingMessage } from '../teaching/messages.ts'
import type { Curve, RoundHistory } from '../teaching/round-history.ts'
import { createChart, type Line } from './chart.ts'
import { element, setText } from './element.ts'
import { percent } from './format.ts'
import { createGateView } from './gate.ts'
import { createLearnedDrawingsView } from './learned-drawings.ts'

export interface TrainingView {
  /** Whether the section is open. */
  readonly open: boolean
  show(history: RoundHistory, corrections: readonly VisitorCorrection[]): void
}

/**
 * @param name returns a model's name
 * @param toggled called when the section is opened or closed
 */
export function createTrainingView(name: (model: string) => string, toggled: () => void): TrainingView {
  const root = element('learning', HTMLDetailsElement)
  const text = element('learning-text', HTMLElement)
  const legend = element('legend', HTMLElement)
  const loss = createChart('loss', { name: 'Loss', format: (value) => value.toPrecision(3) })
  const accuracy = createChart('accuracy', { name: 'Share answered right', format: percent, top: 1 })
  const gate = createGateView(name)
  const learnedDrawings = createLearnedDrawingsView()
  root.addEventListener('toggle', toggled)
  return {
    get open() {
      return root.open
    },
    show(history, corrections) {
      if (!root.open) return
      const { training, curve, before } = history
      const words = trainingMessage(training, name)
      setText(text, words)
      loss(line(curve, 'loss'), line(before, 'loss'))
      accuracy(line(curve, 'accuracy'), line(before, 'accuracy'))
      legend.textContent = curve ? legendWords(curve, before, name) : 'The curves of the next round are drawn here.'
      gate(training?.rounds.find((report) => report.gate) ?? training?.rounds[0])
      learnedDrawings(training, corrections)
    },
  }
}

function line(curve: Curve | undefined, what: 'loss' | 'accuracy'): Line {
  return (curve?.points ?? []).flatMap((point) => {
    const value = point[what]
    return value === undefined ? [] : [[point.step, value] as const]
  })
}

function legendWords(curve: Curve, before: Curve | undefined, name: (model: string) => string): string {
  const first = `Round ${curve.round}, ${name(curve.model)}`
  return before ? `${first}; faint, round ${before.round}, ${name(before.model)}.` : `${first}.`
}
