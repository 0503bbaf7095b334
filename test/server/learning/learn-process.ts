/** A process that learns what is due in a state directory, for tests that kill it: prints what it serves at the end. */

import { createLearningRunner } from '../../../server/learning/runner.ts'
import { openFixture } from './state.ts'

const [state, weights, file] = process.argv.slice(2)
const fixture = openFixture({
  state,
  weights,
  interval: 20,
  teachers: 'anyone',
  runner: createLearningRunner(),
  replaySet: () => ({ name: 'mnist', file, dataDir: '/nonexistent' }),
})
console.log('begun')
fixture.learner?.resume()
await fixture.learner?.idle()
const { served, versions } = fixture.learning.versions('softmax')
const [{ round }] = fixture.rounds.reports(1)
console.log(JSON.stringify({ served, sha256: versions.find(({ version }) => version === served)?.sha256, round }))
await fixture.close()
