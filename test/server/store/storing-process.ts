/**
 * A process that stores corrections one after the other and prints the id of each once it is acknowledged, until it is killed or
 * has stored as many as it was asked for.
 * usage: storing-process.ts FOLDER FIRST_SEED [COUNT]
 */

import { openStore } from '../../../server/corrections/store.ts'
import { givenCorrection } from '../corrections/corrections.ts'

const [folder, first, count = 'Infinity'] = process.argv.slice(2)
const store = openStore(folder, { warn: () => {}, quotas: false, leastFree: 0, maxRows: 100_000 })
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const { response } = store.corrections.keep(givenCorrection(seed, { png: new Uint8Array(seed % 6000) }))
  process.stdout.write(`${response.id}\n`)
}
