/** The table of `npm run simulate -- attack`: what an attacker can do. */

import { processorName } from '../../server/benchmark/environment.ts'
import { head, line, writeFigures, writeMarked } from '../generated-tables.ts'
import type { AttackResult } from './attack.ts'
import { points, shown } from './points.ts'

export interface AttackFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly command: string // that made the figures
  readonly seeds: number
  readonly rows: readonly AttackRow[]
}

export interface AttackRow {
  readonly model: string
  readonly networks: number
  readonly honest: boolean
  readonly teachers: string
  readonly tried: number
  readonly attack: string // the one that did most harm
  readonly worstDigit: number // points
  readonly mnist: number // points
}

export const ATTACK_COLUMNS = [
  'model',
  '`--teachers`',
  'networks',
  'among 40 honest lessons',
  'attacks tried',
  'the worst of them',
  "worst digit of other people's drawings",
  'MNIST',
] as const

export function attackRow(model: string, result: AttackResult): AttackRow {
  const { networks, honest, teachers, tried, pair, lies, worstDigit, mnist } = result
  const attack = worstDigit < 0 ? `${pair}, ${lies}` : 'none does harm'
  return { model, networks, honest, teachers, tried, attack, worstDigit: shown(worstDigit), mnist: shown(mnist) }
}

export function attackCells(row: AttackRow): (string | number)[] {
  const { model, teachers, networks, honest, tried, attack, worstDigit, mnist } = row
  return [model, teachers, networks, honest ? 'yes' : 'no', tried, attack, points(worstDigit), points(mnist)]
}

export function attackText({ at, machine, node, command, seeds, rows }: AttackFigures): string {
  return [
    `${at}, ${machine}, Node ${node}; \`npm run simulate -- ${command}\`; the worst three attacks with ${seeds} seeds; changes of accuracy in points.`,
    '',
    ...head(ATTACK_COLUMNS[0], ...ATTACK_COLUMNS.slice(1)),
    ...rows.map((row) => {
      const [first, ...rest] = attackCells(row)
      return line(String(first), ...rest)
    }),
  ].join('\n')
}

/** Stores new figures in place of the earlier ones, and writes their table. */
export function keepAttacks(command: string, seeds: number, rows: readonly AttackRow[]): void {
  const at = new Date().toISOString().slice(0, 10)
  const figures = { at, machine: processorName() ?? process.arch, node: process.versions.node, command, seeds, rows }
  writeFigures('attacks', figures)
  writeMarked('SECURITY.md', 'attack', attackText(figures))
}
