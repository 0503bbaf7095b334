/** The two machines that answer: the phone as it describes itself, and this browser. */

import type { SystemResponse } from '../../core/protocol.ts'
import { backend, duration, megabytes, milliseconds } from '../answers/messages.ts'
import type { Engine } from '../models/engine.ts'
import { element } from './element.ts'
import { listFacts } from './facts.ts'

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
      listFacts(phone, [
        ['Computes with', backend(system.backend)],
        ['Self-test', system.selfTest],
        ['Runs on', `${system.platform}, ${system.arch}`],
        ['Node', system.node.replace(/^v/, '')],
        ['Memory in use', megabytes(system.memory.rss)],
        ['Up for', duration(system.uptime)],
        ['Answers given', system.predictions.toLocaleString('en')],
      ])
    },
    browser(engine) {
      speed = listFacts(browser, [
        ['Computes with', backend(engine.backend)],
        ['Self-test', engine.selfTest],
        ['One answer takes', '–'],
      ])
    },
    speed(ms) {
      if (speed) speed.textContent = milliseconds(ms)
    },
  }
}
