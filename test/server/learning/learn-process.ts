/** A process that learns what is due in a state directory, for tests that kill it: prints what it serves at the end. */

import { createThreadRunner } from '../../../server/learning/runner.ts'
import { openPlace } from './state.ts'

const [state, weights, file] = process.argv.slice(2)
const place = openPlace({
  state,
  weights,
  interval: 20,
  runner: createThreadRunner(),
  trusted: () => ({ name: 'mnist', file, dataDir: '/nonexistent' }),
})
console.log('begun')
place.trainer?.resume()
await place.trainer?.idle()
const { served, versions } = place.learning.versions('softmax')
const [{ round }] = place.rounds.reports(1)
console.log(JSON.stringify({ served, sha256: versions.find(({ version }) => version === served)?.sha256, round }))
await place.close()
