/** Facts about the two machines that answer, the phone and this browser. */

import type { SystemResponse } from '../../core/protocol.ts'
import type { BrowserRecognizer } from '../models/browser-recognizer.ts'
import { element } from './element.ts'
import { listFacts } from './facts.ts'
import { backendName, duration, megabytes, milliseconds } from './format.ts'

export interface MachinesView {
  phone(system: SystemResponse): void
  browser(recognizer: BrowserRecognizer): void
  /** Shows the ms this browser took for an answer. */
  speed(ms: number): void
}

export function createMachinesView(): MachinesView {
  const phone = element('phone-facts', HTMLDListElement)
  const browser = element('browser-facts', HTMLDListElement)
  let speed: HTMLElement | undefined
  return {
    phone(system) {
      listFacts(phone, [
        ['Computes with', backendName(system.backend)],
        ['Self-test', system.selfTest],
        ['Runs on', `${system.platform}, ${system.arch}`],
        ['Node', system.node.replace(/^v/, '')],
        ['Memory in use', megabytes(system.memory.rss)],
        ['Up for', duration(system.uptime)],
        ['Answers given', system.predictions.toLocaleString('en')],
      ])
    },
    browser(recognizer) {
      speed = listFacts(browser, [
        ['Computes with', backendName(recognizer.backend)],
        ['Self-test', recognizer.selfTest],
        ['One answer takes', '–'],
      ])
    },
    speed(ms) {
      if (speed) speed.textContent = milliseconds(ms)
    },
  }
}
