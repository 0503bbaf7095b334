/** What this server keeps: corrections, who gave them as no more than a keyed hash, and the rules by which they are taken. */

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { InputError } from '../../core/errors.ts'
import type { CorrectionResponse, CorrectionSummary, CorrectionUse } from '../../core/protocol.ts'
import { networkShares } from '../http/limits/network.ts'
import { type CorrectionRow, type CorrectionRows, correctionRows, type NewCorrection } from '../store/corrections.ts'
import { Database, type DatabaseOptions } from '../store/database.ts'
import { MIGRATIONS } from '../store/migrations.ts'
import { type ExportName, exportCorrections } from './export.ts'
import { checkQuota, type Payer, spend } from './quotas.ts'
import { labelName } from './request.ts'

const FILE = 'store.db'
const HASH = 16 // bytes of a network's hash
const DAY = 86_400_000 // ms, how long an Idempotency-Key counts
const MAX_KEYS = 5000

/** The file of the store in a state directory. */
export function storeFile(state: string): string {
  return join(state, FILE)
}

/** A drawing that was judged, as the routes know it. */
export interface GivenCorrection {
  readonly address: string // of the client
  readonly fromOwner: boolean // from the owner
  readonly png: Uint8Array
  readonly input: Uint8Array // [784]
  readonly label: number // 0..9, 10 for not a digit
  readonly model: string
  readonly version: number
  readonly answer: number // 0..9
  readonly confidence: number // 0..1
  readonly prediction?: string // the one it is about
}

/** An Idempotency-Key and the request it came with. */
export interface Repeat {
  readonly key: string
  readonly body: Uint8Array
}

/** What came of storing one. */
export interface KeepResult {
  readonly created: boolean // false: it was there already
  readonly response: CorrectionResponse
}

/** The corrections as the routes use them. All methods throw BusyError 503 where the storage does not do its part. */
export interface Corrections {
  /**
   * What was answered to this key before, if anything.
   * @throws InputError 422 idempotency_mismatch when the request was another
   */
  repeated(address: string, repeat: Repeat): CorrectionResponse | undefined
  /** @throws InputError 409 prediction_used when there is a correction about it, as after a restart */
  checkUnused(prediction: string): void
  /**
   * Stores one, on disk when this returns. The same of the same network is not stored twice; another label replaces the first.
   * @throws BusyError 429 rate_limited
   */
  keep(judgement: GivenCorrection, repeat?: Repeat): KeepResult
  /**
   * Forgets one, for good; false when there is none.
   * @throws InputError 403 other_network unless it is this network's and not the owner's, or the owner asks
   */
  forget(id: string, address: string, owner: boolean): boolean
  /** All of them as a file, in pieces; `breathe` is awaited between them. */
  export(format: ExportName, breathe: () => Promise<void>): AsyncGenerator<Uint8Array, void>
  /** The newest first. @throws InputError 422 bad_before */
  list(page: { limit: number; before?: string | undefined; use?: CorrectionUse | undefined }): CorrectionSummary[]
}

export interface StoreOptions extends Omit<DatabaseOptions, 'migrations'> {
  readonly quotas?: boolean // false lifts them
  readonly maxRows?: number
  /** Wall clock, ms since 1970. */
  readonly clock?: () => number
  /** Ids of the models that will learn from a correction. */
  readonly learning?: () => readonly string[]
}

export interface Store {
  readonly database: Database
  readonly rows: CorrectionRows
  readonly corrections: Corrections
  close(): void
}

/**
 * Opens the store of a state directory, or makes one.
 * @throws Error with a sentence when the storage fails
 */
export function openStore(state: string, options: StoreOptions): Store {
  const { quotas = true, clock = Date.now, learning = () => [], maxRows } = options
  const database = new Database(storeFile(state), { ...options, migrations: MIGRATIONS })
  const rows = correctionRows(database, maxRows)
  let secret: Uint8Array | undefined

  // Made with the first correction: a store that is only read need not be written.
  function networkSecret(): Uint8Array {
    const read = () => database.get<{ value: Uint8Array }>("SELECT value FROM secrets WHERE name = 'networks'")?.value
    secret ??= read()
    if (secret) return secret
    const made = randomBytes(32)
    database.run("INSERT INTO secrets (name, value) VALUES ('networks', ?)", made)
    secret = made
    return made
  }

  function payer(address: string): Payer {
    const [near, far] = networkShares(address).map(({ key }) =>
      createHmac('sha256', networkSecret()).update(key).digest().subarray(0, HASH),
    )
    return { network: near, wide: far ?? near }
  }

  const respond = (
    row: Omit<CorrectionRow, 'number' | 'network' | 'trusted' | 'use' | 'bytes' | 'confidence' | 'at'>,
  ) => ({
    id: row.id,
    label: labelName(row.label),
    model: row.model,
    version: row.version,
    answer: row.answer,
    confirmed: row.label === row.answer,
  })

  function note(network: Uint8Array, { key, body }: Repeat, response: CorrectionResponse, at: number): void {
    database.run('DELETE FROM keys WHERE at <= ? OR at > ?', at - DAY, at + DAY)
    const { count } = database.get<{ count: number }>('SELECT count(*) AS count FROM keys') ?? { count: 0 }
    if (count >= MAX_KEYS) {
      database.run('DELETE FROM keys WHERE (network, key) IN (SELECT network, key FROM keys ORDER BY at LIMIT 1)')
    }
    database.run(
      'INSERT OR REPLACE INTO keys (network, key, body, answer, correction, at) VALUES (?, ?, ?, ?, ?, ?)',
      network,
      sha(key),
      sha(body),
      JSON.stringify(response),
      response.id,
      at,
    )
  }

  const corrections: Corrections = {
    repeated(address, { key, body }) {
      const { network } = payer(address)
      const sql = 'SELECT body, answer FROM keys WHERE network = ? AND key = ?'
      const known = database.get<{ body: Uint8Array; answer: string }>(sql, network, sha(key))
      if (!known) return undefined
      if (Buffer.compare(known.body, sha(body)) === 0) return JSON.parse(known.answer) as CorrectionResponse
      throw new InputError(422, 'idempotency_mismatch', 'that Idempotency-Key came with another request before')
    },

    checkUnused(prediction) {
      if (!rows.about(prediction)) return
      throw new InputError(409, 'prediction_used', 'this prediction has been corrected already')
    },

    keep({ address, ...judged }, repeat) {
      const from = payer(address)
      const { network } = from
      const known = rows.ofDrawing(network, judged.input, judged.fromOwner)
      const at = clock()
      if (known?.label === judged.label) {
        const response = { ...respond(known), learning: [...learning()] }
        if (repeat) database.transaction(() => note(network, repeat, response, at))
        return { created: false, response }
      }
      const limited = quotas && !judged.fromOwner
      if (limited) checkQuota(database, from, at)
      const row: NewCorrection = { ...judged, id: crypto.randomUUID(), at, network }
      const response = database.transaction(() => {
        if (known) rows.remove(known.id)
        rows.add(row)
        if (limited) spend(database, from, at)
        const answer = { ...respond(row), learning: [...learning()] }
        if (repeat) note(network, repeat, answer, at)
        return answer
      })
      return { created: true, response }
    },

    forget(id, address, owner) {
      const row = rows.find(id)
      if (!row) return false
      const own = !row.trusted && Buffer.compare(row.network, payer(address).network) === 0
      if (!owner && !own) throw new InputError(403, 'other_network', 'this correction came from another network')
      database.transaction(() => rows.remove(id), 0)
      database.scrub()
      return true
    },

    export: (format, breathe) => exportCorrections(rows, format, breathe),

    list(page) {
      if (page.before !== undefined && !rows.find(page.before)) {
        throw new InputError(422, 'bad_before', 'before must be the id of a correction that is kept')
      }
      return rows.list(page).map((row) => ({
        ...respond(row),
        use: row.use,
        at: new Date(row.at).toISOString(),
        bytes: row.bytes,
      }))
    },
  }

  return { database, rows, corrections, close: () => database.close() }
}

function sha(of: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(of).digest()
}
