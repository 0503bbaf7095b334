/** The store of corrections and the rules by which they are accepted. Of a sender it stores only a keyed hash of the client network. */

import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { InputError, messageOf } from '../../core/errors.ts'
import type { CorrectionResponse, CorrectionSummary, CorrectionUse } from '../../core/protocol.ts'
import { sha256Bytes } from '../files/sha256.ts'
import { networkShares } from '../http/limits/network.ts'
import type { DatabaseOptions } from '../store/connect.ts'
import { type CorrectionRow, type CorrectionRows, correctionRows, type NewCorrection } from '../store/corrections.ts'
import { Database } from '../store/database.ts'
import { findDeparted, removeDeparted, retireVersionsOf } from '../store/forgetting.ts'
import { LAYOUT, MIGRATIONS } from '../store/migrations.ts'
import { type SenderRows, senderRows } from '../store/senders.ts'
import { createDecisions, type Decisions } from './decisions.ts'
import { type Clocks, ElapsedTime, machineClocks } from './elapsed-time.ts'
import { createErasure } from './erasure.ts'
import { type ExportName, exportCorrections } from './export.ts'
import { predictionUsed } from './pending.ts'
import { checkQuota, DAY, forgetSpent, type Payer, spend } from './quotas.ts'
import { labelName } from './request.ts'

const FILE = 'store.db'
const HASH = 16 // bytes of a network's hash
const MAX_KEYS = 5000 // Idempotency-Keys that are stored, each for a day
const THIS_KEY = 'substr(key, 1, 4) = substr(?1, 1, 4) AND key = ?1 AND network = ?2'

/** The file of the store in a state directory. */
export function storeFile(state: string): string {
  return join(state, FILE)
}

/** A correction as the routes pass it on. */
export interface GivenCorrection {
  readonly address: string // of the client
  readonly fromOwner: boolean
  readonly png: Uint8Array
  readonly input: Uint8Array // [784]
  readonly label: number // 0..9, 10 for not a digit
  readonly model: string
  readonly version: number
  readonly answer: number // 0..9
  readonly confidence: number // 0..1
  readonly prediction?: string // id of the prediction that is corrected
}

/** An Idempotency-Key, and which request it came with. */
export interface Repeat {
  readonly key: string
  readonly request: Uint8Array // SHA-256 of its body
}

/** What `keep` did. */
export interface KeepResult {
  readonly created: boolean // false: the same correction was stored already
  readonly response: CorrectionResponse
}

/** The corrections as the routes use them. All methods throw BusyError 503 where the storage fails. */
export interface Corrections {
  /** What a request is known again by. */
  repeatOf(key: string, body: Uint8Array): Repeat
  /**
   * The earlier answer to this key, if there was one.
   * @throws InputError 422 idempotency_mismatch where the earlier request was another
   */
  repeated(address: string, repeat: Repeat): CorrectionResponse | undefined
  /** @throws InputError 409 prediction_used where a correction of that prediction is stored, as after a restart */
  checkUnused(prediction: string): void
  /**
   * Stores a correction, which is on disk when this returns. The same one from the same network is not stored twice; another
   * label replaces the first.
   * @throws BusyError 429 rate_limited; InputError 403 sender_blocked
   */
  keep(correction: GivenCorrection, repeat?: Repeat): KeepResult
  /**
   * Deletes a correction for good; false where there is none. No version that knows it is served or can be downloaded any more, and its
   * model is to learn anew. Its bytes are on disk until `erased` resolves.
   * @param fromOwner whether the owner asks, who may delete any; others may delete those of their network, not the owner's
   * @throws InputError 403 other_network
   */
  forget(id: string, address: string, fromOwner: boolean): boolean
  /**
   * Resolves when nothing is on disk of what was deleted, whenever that was.
   * @throws BusyError 503 not_erased while another process reads the store, or where the storage fails; it is tried again later
   */
  erased(): Promise<void>
  /** All of them as a file, in pieces; `pause` is awaited between two pieces. */
  export(format: ExportName, pause: () => Promise<void>): AsyncGenerator<Uint8Array, void>
  /** The newest first. @throws InputError 422 bad_before */
  list(page: { limit: number; before?: string | undefined; use?: CorrectionUse | undefined }): CorrectionSummary[]
  readonly decisions: Decisions
}

export interface StoreOptions extends Omit<DatabaseOptions, 'migrations' | 'layout' | 'upkeep'> {
  readonly quotas?: boolean // false: there are none
  readonly maxRows?: number
  /** Clock of the day, ms since 1970, for the dates of corrections and the day for which a key counts; also for quotas, if it is given. */
  readonly clock?: () => number
  /** The clocks by which quotas are counted; those of the machine unless given. */
  readonly clocks?: Clocks
  /** Ids of the models that will learn from a correction, or from a confirmation of this model. */
  readonly learning?: (confirmed?: string) => readonly string[]
  /**
   * Called when corrections were taken back, and before they are erased.
   * @param network of who took it back, in hex, unless it was the owner
   * @returns the round under way, which goes on; resolves when a round that knows one has ended and left nothing on disk
   */
  readonly takenBack?: (network?: string) => Promise<number | undefined>
}

export interface Store {
  readonly database: Database
  readonly rows: CorrectionRows
  readonly senders: SenderRows
  readonly corrections: Corrections
  close(): void
}

/**
 * Opens the store of a state directory, or makes it.
 * @throws Error with a sentence when the storage fails
 */
export function openStore(state: string, options: StoreOptions): Store {
  const { quotas = true, clock = Date.now, learning = () => [], takenBack = async () => undefined, maxRows } = options
  const clocks = options.clock && { wall: clock, uptime: clock, boot: 'given' }
  const upkeep = () => {
    const at = clock()
    forgetSpent(database, elapsed.now())
    senders.forgetIdle()
    database.run('DELETE FROM keys WHERE at <= ? OR at > ?', at - DAY, at + DAY)
  }
  const database = new Database(storeFile(state), { ...options, migrations: MIGRATIONS, layout: LAYOUT, upkeep })
  const rows = correctionRows(database, maxRows)
  const senders = senderRows(database)
  let elapsed = new ElapsedTime(database, options.clocks ?? clocks ?? machineClocks())
  let settling: Promise<number | undefined> | undefined // of what was taken back last
  const erasure = createErasure({ database, state, settle: takeSettling })
  if (!options.readOnly && !database.broken) beginErasing()
  let secret: Uint8Array | undefined
  database.onReplaced.push(() => {
    elapsed = new ElapsedTime(database, options.clocks ?? clocks ?? machineClocks())
    secret = undefined
  })

  function networkSecret(): Uint8Array {
    secret ??= database.get<{ value: Uint8Array }>("SELECT value FROM secrets WHERE name = 'networks'")?.value
    secret ??= randomBytes(32)
    return secret
  }

  function payer(address: string): Payer {
    const [near, far] = networkShares(address).map(({ key }) =>
      createHmac('sha256', networkSecret()).update(key).digest().subarray(0, HASH),
    )
    return { network: near, wide: far ?? near }
  }

  const respond = (
    row: Omit<
      CorrectionRow,
      'number' | 'network' | 'trusted' | 'use' | 'bytes' | 'confidence' | 'at' | 'approved' | 'sender'
    >,
  ) => ({
    id: row.id,
    label: labelName(row.label),
    model: row.model,
    version: row.version,
    answer: row.answer,
    confirmed: row.label === row.answer,
  })

  function beginErasing(): void {
    try {
      erasure.begin()
    } catch (error) {
      options.warn(`what was taken back is not erased yet: ${messageOf(error)}`)
    }
  }

  /** Models that will learn from it; of what others give, not those of which a rollback holds. */
  function learnFrom(row: Pick<CorrectionRow, 'label' | 'answer' | 'model' | 'network'>, owners: boolean): string[] {
    const models = learning(row.label === row.answer ? row.model : undefined)
    const holds = owners || senders.standing(row.network) === 'trusted' ? [] : senders.holds()
    return models.filter((model) => !holds.includes(model))
  }

  /** Deletes a correction, and all versions that know it with it. Call it in a transaction. */
  function takeBack(number: number): void {
    rows.remove(number)
    removeDeparted(database, number)
    retireVersionsOf(database, number)
    erasure.note()
  }

  async function settle(network?: Uint8Array): Promise<number | undefined> {
    return takenBack(network && Buffer.from(network).toString('hex').toUpperCase())
  }

  // What has begun is waited for once; a further try settles anew.
  function takeSettling(): Promise<number | undefined> {
    const begun = settling ?? settle()
    settling = undefined
    return begun
  }

  /** @param network of who took something back, unless it was the owner */
  function settleTakenBack(network: Uint8Array | undefined): void {
    settling = settle(network)
    settling.catch(() => {}) // it is tried again
    void erasure.finish().catch(() => {})
  }

  function storeAnswer(network: Uint8Array, { key, request }: Repeat, response: CorrectionResponse, at: number): void {
    const { count } = database.get<{ count: number }>('SELECT count(*) AS count FROM keys') ?? { count: 0 }
    if (count >= MAX_KEYS) {
      database.run('DELETE FROM keys WHERE (network, key) IN (SELECT network, key FROM keys ORDER BY at LIMIT 1)')
    }
    const digest = sha256Bytes(key)
    database.run(`DELETE FROM keys WHERE ${THIS_KEY}`, digest, network)
    database.run(
      'INSERT INTO keys (network, key, body, answer, correction, at) VALUES (?, ?, ?, ?, ?, ?)',
      network,
      digest,
      request,
      JSON.stringify(response),
      response.id,
      at,
    )
  }

  const corrections: Corrections = {
    decisions: createDecisions(rows, senders),

    repeatOf: (key, body) => ({ key, request: sha256Bytes(body) }),

    repeated(address, { key, request }) {
      const { network } = payer(address)
      const at = clock()
      const sql = `SELECT body, answer FROM keys WHERE ${THIS_KEY} AND at > ?3 AND at <= ?4`
      const values = [sha256Bytes(key), network, at - DAY, at + DAY]
      const known = database.get<{ body: Uint8Array; answer: string }>(sql, ...values)
      if (!known) return undefined
      if (Buffer.compare(known.body, request) === 0) return JSON.parse(known.answer) as CorrectionResponse
      throw new InputError(422, 'idempotency_mismatch', 'that Idempotency-Key came with another request before')
    },

    checkUnused(prediction) {
      if (rows.about(prediction)) throw predictionUsed()
    },

    keep({ address, ...correction }, repeat) {
      const from = payer(address)
      const { network } = from
      if (!correction.fromOwner && senders.standing(network) === 'blocked') throw senderBlocked()
      const earlier = rows.ofDrawing(network, correction.input, correction.fromOwner)
      const at = clock()
      if (earlier?.label === correction.label) {
        const response = {
          ...respond(earlier),
          learning: learnFrom(earlier, Boolean(earlier.trusted || earlier.approved)),
        }
        if (repeat) database.transaction(() => storeAnswer(network, repeat, response, at))
        return { created: false, response }
      }
      const limited = quotas && !correction.fromOwner
      const spentAt = limited ? elapsed.now() : 0
      let stored: (() => void) | undefined
      if (limited) {
        elapsed.storeUnset()
        checkQuota(database, from, spentAt)
      }
      const row: NewCorrection = { ...correction, at, network }
      const response = database.transaction(() => {
        // with the first correction: a store that is only read is not written
        database.run("INSERT OR IGNORE INTO secrets (name, value) VALUES ('networks', ?)", networkSecret())
        if (!correction.fromOwner) senders.note(network, from.wide)
        if (earlier) takeBack(earlier.number)
        const id = rows.add(row)
        if (limited) {
          spend(database, from, spentAt)
          stored = elapsed.store()
        }
        const answer = { ...respond({ ...row, id }), learning: learnFrom(row, row.fromOwner) }
        if (repeat) storeAnswer(network, repeat, answer, at)
        return answer
      })
      stored?.()
      if (earlier) settleTakenBack(network)
      return { created: true, response }
    },

    forget(id, address, fromOwner) {
      const row = rows.find(id) ?? findDeparted(database, id)
      if (!row) return false
      const own = !row.trusted && Buffer.compare(row.network, payer(address).network) === 0
      if (!fromOwner && !own) throw new InputError(403, 'other_network', 'this correction came from another network')
      database.transaction(() => takeBack(row.number), 0)
      settleTakenBack(fromOwner ? undefined : row.network)
      return true
    },

    erased: () => erasure.finish(),

    export: (format, pause) => exportCorrections(rows, format, pause),

    list({ before, ...page }) {
      const first = before === undefined ? undefined : rows.find(before)
      if (before !== undefined && !first) {
        throw new InputError(422, 'bad_before', 'before must be the id of a correction that is kept')
      }
      return rows.list({ ...page, before: first?.number }).map((row) => ({
        ...respond(row),
        use: row.use,
        held: row.use === 'held',
        approved: row.approved === 1,
        ...(row.sender !== null && { from: row.sender }),
        at: new Date(row.at).toISOString(),
        bytes: row.bytes,
      }))
    },
  }

  const close = () => {
    erasure.close()
    database.close()
  }
  return { database, rows, senders, corrections, close }
}

function senderBlocked(): InputError {
  return new InputError(403, 'sender_blocked', 'the owner takes no corrections from this network')
}
