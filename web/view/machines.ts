/** The two machines that answer: the phone as it describes itself, and this browser. */

import type { SystemResponse } from '../../core/protocol.ts'
import { element } from '../element.ts'
import type { Engine } from '../engine.ts'
import { backend, duration, megabytes, milliseconds, percent } from '../words.ts'

type Facts = readonly (readonly [name: string, value: string])[]

export interface MachinesView {
  phone(system: SystemResponse): void
  browser(engine: Engine): void
  /** ms one answer took in this browser. */
  speed(ms: number): void
}

export function createMachinesView(): MachinesView {
  const phone = element('phone-facts', HTMLDListElement)
  const browser = element('browser-facts', HTMLDListElement)
  let speed: HTMLElement | undefined
  return {
    phone(system) {
      list(phone, [
        ['Computes with', backend(system.backend)],
        ['Self-test', system.selfTest],
        ['Runs on', `${system.platform}, ${system.arch}`],
        ['Node', system.node.replace(/^v/, '')],
        ['Memory in use', megabytes(system.memory.rss)],
        ['Up for', duration(system.uptime)],
        ['Answers given', system.predictions.toLocaleString('en')],
      ])
    },
    browser({ card, ...engine }) {
      speed = list(browser, [
        ['Computes with', backend(engine.backend)],
        ['Self-test', engine.selfTest],
        ['Model', `${card.name}, version ${card.version}`],
        ['Parameters', card.parameters.toLocaleString('en')],
        ['Right on MNIST’s test set', percent(card.test.accuracy)],
        ['One answer takes', '–'],
      ])
    },
    speed(ms) {
      if (speed) speed.textContent = milliseconds(ms)
    },
  }
}

/** Shows the facts and gives back the element of the last value. */
function list(root: HTMLElement, facts: Facts): HTMLElement | undefined {
  let last: HTMLElement | undefined
  root.replaceChildren(
    ...facts.map(([name, value]) => {
      const row = document.createElement('div')
      const term = document.createElement('dt')
      last = document.createElement('dd')
      term.textContent = name
      last.textContent = value
      row.append(term, last)
      return row
    }),
  )
  return last
}
