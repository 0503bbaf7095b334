/**
 * A process in which the gate refuses what is learned: its digits are labelled with the shipped model's own answers, so that
 * every other answer is a loss. Prints 'acknowledged' once three corrections of the owner are stored, then the verdict.
 * usage: refusing-process.ts STATE
 */

import { join } from 'node:path'
import { writePrepared } from '../../../server/learning/replay-set.ts'
import { createLearningRunner } from '../../../server/learning/runner.ts'
import { newFolder, openFixture, picture, teach } from './state.ts'

const REPLAYED = 400
const file = join(newFolder('refusing'), 'images')
const fixture = openFixture({
  state: process.argv[2],
  runner: createLearningRunner(),
  replaySet: () => ({ name: 'mnist', file, dataDir: '/nonexistent' }),
})
const inputs = Array.from({ length: 2 * REPLAYED }, (_, i) => picture(i % 10, 1_000_000 + i))
const images = new Uint8Array(Buffer.concat(inputs))
const labels = Uint8Array.from(inputs, (input) => fixture.recognizer.recognize(input, 'softmax').digit)
writePrepared(file, { replayed: REPLAYED, images, labels })

teach(fixture.store, [1, 2, 3], 0, true)
process.stdout.write('acknowledged\n')
fixture.learning.notice()
await fixture.learner?.idle()
process.stdout.write(`${fixture.rounds.reports(1)[0].verdict}\n`)
await fixture.close()
