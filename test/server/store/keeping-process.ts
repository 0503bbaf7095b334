/**
 * A process that stores ordinary corrections as the routes do, and prints the id of each once it is acknowledged. They come from 40
 * networks within a day, each about a prediction and with an Idempotency-Key; a drawing is a PNG of 600 bytes.
 * usage: keeping-process.ts FOLDER FIRST_SEED COUNT
 */

import { randomBytes } from 'node:crypto'
import { openStore } from '../../../server/corrections/store.ts'
import { givenCorrection } from '../corrections/corrections.ts'

const [folder, first, count] = process.argv.slice(2)
const store = openStore(folder, { warn: console.error, leastFree: 0, learning: () => ['cnn', 'cnn-small'] })
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const address = `10.0.0.${seed % 40}`
  const repeat = { key: crypto.randomUUID(), request: randomBytes(32) }
  const correction = givenCorrection(seed, { address, png: randomBytes(600), prediction: crypto.randomUUID() })
  store.corrections.repeated(address, repeat)
  const { response } = store.corrections.keep(correction, repeat)
  process.stdout.write(`${response.id}\n`)
}
