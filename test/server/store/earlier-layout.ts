/** A store as it was before its rows were copied to smaller pages, for tests: pages of 4096 bytes, an index for each question. */

import { DatabaseSync } from 'node:sqlite'
import { storeFile } from '../../../server/corrections/store.ts'
import { sha256Bytes } from '../../../server/files/sha256.ts'
import { LAYOUT, MIGRATIONS } from '../../../server/store/migrations.ts'
import { givenCorrection } from '../corrections/corrections.ts'

/** Name and secret of networks in such a store. */
const SECRET = Buffer.alloc(32, 7)

/** Makes one with that many corrections, of which the newest was deleted; returns their ids. */
export function makeEarlierStore(folder: string, count: number): string[] {
  const database = new DatabaseSync(storeFile(folder))
  database.exec(`PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; ${MIGRATIONS.slice(0, LAYOUT - 1).join(';')};
    PRAGMA user_version = ${LAYOUT - 1}`)
  database.prepare("INSERT INTO secrets VALUES ('networks', ?)").run(SECRET)
  const ids = Array.from({ length: count + 1 }, () => crypto.randomUUID())
  for (const [seed, id] of ids.entries()) {
    const { input, label, model, version, answer, confidence } = givenCorrection(seed)
    const network = sha256Bytes(String(seed)).subarray(0, 16)
    database
      .prepare(
        `INSERT INTO corrections (id, at, png, input, digest, label, model, version, answer, confidence, network, trusted,
         prediction) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
      )
      .run(
        id,
        seed,
        new Uint8Array(400).fill(seed),
        input,
        sha256Bytes(input),
        label,
        model,
        version,
        answer,
        confidence,
        network,
        crypto.randomUUID(),
      )
    database.prepare('INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?)').run(network, input, input, '{}', id, Date.now())
    database.prepare('INSERT INTO spent VALUES (?, ?, ?)').run(network, network, Date.now())
  }
  database.prepare('DELETE FROM corrections WHERE number = ?').run(count + 1)
  database.close()
  return ids.slice(0, count)
}
