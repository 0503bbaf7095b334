/** The table that `npm run peers` writes into docs/results.md. */

import { writeMarked } from '../generated-tables.ts'
import { type PeerFigures, peerTable } from './table.ts'

export interface PeersFigures {
  readonly at: string // date
  readonly machine: string
  readonly node: string
  readonly note: string // how it was measured
  readonly works: readonly PeerFigures[]
}

export function peersText({ at, machine, node, note, works }: PeersFigures): string {
  return [
    `Measured by \`npm run peers\` on ${at}: ${machine}, one core, Node ${node}, ${note}.`,
    '',
    ...peerTable(works),
  ].join('\n')
}

export function writePeers(figures: PeersFigures): void {
  writeMarked('docs/results.md', 'peers', peersText(figures))
}
