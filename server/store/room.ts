/** Which corrections make room when the store is full: those of whoever holds most, and last what the owner or others agree with. */

import { ALL_APPROVED, MARKED, networksOf } from './conditions.ts'
import type { Database } from './database.ts'
import { depart } from './forgetting.ts'

/**
 * The step of the schema for it. The index takes the place of one by worth alone; it holds what is counted, listed or chosen from all rows,
 * which are many pages each. It works for every layout of the table.
 */
export const ROOM_1 = `
DROP INDEX corrections_worth;
CREATE INDEX corrections_sender ON corrections
  (network, trusted, (label = answer) DESC, (use = 'implausible') DESC, number, use, model);
ALTER TABLE senders ADD COLUMN wide BLOB; -- the wider network around it; NULL where there is none, or it is not known
`

/** Part of the file left to other tables, rounds and versions, bytes. */
const RESERVE = 2_097_152

/** Part of all rows that leaves at once, so that the rows are not counted again for each correction. */
const BATCH = 1 / 250

/** Part of the rows of others that is never taken by agreed ones: what comes new is there until somebody agrees. */
const NEW = 1 / 4

/** Another network of the rows, in hex, and how many it has of a kind. */
interface Holding {
  readonly network: string
  readonly loose: number // that nobody agrees with yet
  readonly agreed: number // that count: a round learned from them
}

const OTHERS = `corrections INDEXED BY corrections_sender WHERE trusted = 0
  AND number NOT IN (${ALL_APPROVED}) AND network NOT IN ${networksOf('trusted')}`
const AGREED = `(use = 'learned' AND NOT (label = answer) AND number NOT IN (${MARKED}))`
const LEAST_FIRST = `ORDER BY (label = answer) DESC, (use = 'implausible') DESC, number LIMIT ?`

/**
 * Makes room for one more correction. Those that leave can still be taken back. Call it in a transaction.
 * @param bytes of the new one
 * @param sender client network that it comes from; none of the owner's
 */
export function makeRoom(database: Database, bytes: number, maxRows: number, sender?: Uint8Array): void {
  const room = database.maxBytes - RESERVE - bytes
  for (let count = countRows(database, maxRows); database.usedBytes() > room || count >= maxRows; ) {
    count = count || countRows(database, 0)
    const leaving = leastUseful(database, Math.max(1, Math.floor(count * BATCH)), sender)
    if (leaving.length === 0) return
    depart(database, leaving)
    count -= leaving.length
  }
}

// 0 where there are fewer than `most` for sure.
function countRows(database: Database, most: number): number {
  const numbers = 'SELECT (SELECT max(number) FROM corrections) - (SELECT min(number) FROM corrections) + 1 AS span'
  const { span } = database.get<{ span: number | null }>(numbers) ?? { span: 0 }
  if ((span ?? 0) < most) return 0
  return database.get<{ count: number }>('SELECT count(*) AS count FROM corrections')?.count ?? 0
}

function leastUseful(database: Database, count: number, sender: Uint8Array | undefined): number[] {
  const holdings = database.all<Holding>(
    `SELECT hex(network) AS network, sum(NOT ${AGREED}) AS loose, sum(${AGREED}) AS agreed
     FROM ${OTHERS} GROUP BY network ORDER BY min(number)`,
  )
  const sum = (kind: 'loose' | 'agreed') => holdings.reduce((total, holding) => total + holding[kind], 0)
  const [loose, agreed] = [sum('loose'), sum('agreed')]
  if (loose + agreed === 0) {
    return numbersOf(database, `SELECT number FROM corrections ${LEAST_FIRST}`, count)
  }
  const kind = agreed === 0 || (loose > 0 && loose > NEW * (loose + agreed)) ? 'loose' : 'agreed'
  const own = sender && Buffer.from(sender).toString('hex').toUpperCase()
  const shares = takeFromLargest(holdings, kind, count, own, widerNetworks(database))
  const which = kind === 'agreed' ? AGREED : `NOT ${AGREED}`
  const sql = `SELECT number FROM ${OTHERS} AND network = ? AND ${which} ${LEAST_FIRST}`
  return [...shares].flatMap(([network, share]) => numbersOf(database, sql, Buffer.from(network, 'hex'), share))
}

/**
 * How many rows each network loses, one after the other from the widest network that has most, and in it from the network that has most.
 * @param own the network that one more row comes from
 */
function takeFromLargest(
  holdings: readonly Holding[],
  kind: 'loose' | 'agreed',
  count: number,
  own: string | undefined,
  wider: ReadonlyMap<string, string>,
): Map<string, number> {
  const groups = new Map<string, { left: number; readonly networks: Map<string, number> }>()
  for (const { network, [kind]: held } of holdings) {
    if (held === 0) continue
    const wide = wider.get(network) ?? network
    const group = groups.get(wide) ?? { left: 0, networks: new Map<string, number>() }
    groups.set(wide, group)
    const holds = held + Number(network === own && kind === 'loose')
    group.left += holds
    group.networks.set(network, holds)
  }
  const lost = new Map<string, number>()
  const held = new Map(holdings.map((holding) => [holding.network, holding[kind]]))
  for (let taken = 0; taken < count; taken++) {
    const group = largest(groups.values(), ({ left }) => left)
    if (!group) break
    const [network] = largest(group.networks, ([, left]) => left) as [string, number]
    const losing = (lost.get(network) ?? 0) + 1
    lost.set(network, losing)
    group.left--
    group.networks.set(network, (group.networks.get(network) ?? 0) - 1)
    if (losing < (held.get(network) ?? 0)) continue
    group.left -= group.networks.get(network) ?? 0
    group.networks.delete(network)
    if (group.networks.size === 0) groups.delete(wider.get(network) ?? network)
  }
  return lost
}

// The first of those that have most: of networks, the one that taught first.
function largest<Item>(items: Iterable<Item>, size: (item: Item) => number): Item | undefined {
  let best: Item | undefined
  for (const item of items) if (best === undefined || size(item) > size(best)) best = item
  return best
}

function widerNetworks(database: Database): Map<string, string> {
  const sql = 'SELECT hex(network) AS network, hex(wide) AS wide FROM senders WHERE wide IS NOT NULL'
  return new Map(database.all<{ network: string; wide: string }>(sql).map(({ network, wide }) => [network, wide]))
}

function numbersOf(database: Database, sql: string, ...values: (Uint8Array | number)[]): number[] {
  return database.all<{ number: number }>(sql, ...values).map(({ number }) => number)
}
