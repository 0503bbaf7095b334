/** What `inkling doctor` prints: each finding in a few short lines, for a phone's narrow terminal, and then the verdict. */

import { qrText, type Terminal } from '../qr-code.ts'
import type { Finding, FindingState } from './finding.ts'

/** All that was found. `--json` prints it as it is: its fields do not change. */
export interface Diagnosis {
  readonly version: string // of Inkling
  readonly ok: boolean // whether it can serve
  readonly running: boolean // whether it serves now, at the port
  readonly phone: boolean // whether this machine is one
  readonly addresses: readonly string[] // URLs for other devices, the most likely first
  readonly checks: readonly Finding[]
}

const COLOURS: Readonly<Record<FindingState, number>> = { ok: 32, warning: 33, problem: 31, unknown: 36 }

/** Column at which a finding begins. */
const INDENT = 9

export function diagnosisText(diagnosis: Diagnosis, terminal: Terminal): string {
  const { version, addresses, checks } = diagnosis
  const paint = (state: FindingState) => {
    const word = state.padEnd(INDENT)
    return terminal.colors ? `\x1b[${COLOURS[state]}m${word}\x1b[0m` : word
  }
  const lines = checks.flatMap(({ name, state, found, expected, remedy }) => [
    `${paint(state)}${name}: ${found}`,
    ...(expected === undefined ? [] : [`${' '.repeat(INDENT)}expected: ${expected}`]),
    ...(remedy === undefined ? [] : [`${' '.repeat(INDENT)}${state === 'unknown' ? 'try' : 'mend'}: ${remedy}`]),
  ])
  return [`Inkling ${version}`, '', ...lines, '', ...addressLines(addresses, terminal), verdict(diagnosis), ''].join(
    '\n',
  )
}

function addressLines([first, ...others]: readonly string[], terminal: Terminal): string[] {
  if (first === undefined) return []
  const code = qrText(first, terminal)
  return [
    `On another device in the network: ${first}`,
    ...others.map((address) => `or ${address}`),
    '',
    ...(code === undefined ? ['(this terminal is too narrow, or too plain, for a QR code)', ''] : [code]),
  ]
}

function verdict({ ok, running, checks }: Diagnosis): string {
  const count = checks.filter(({ state }) => state === 'problem').length
  if (ok) return running ? 'Inkling is serving.' : 'Nothing keeps Inkling from serving: inkling serve starts it.'
  return `${count} ${count === 1 ? 'problem keeps' : 'problems keep'} Inkling from serving.`
}
