/** Counts instructions without the rest of the ARM run; run.sh starts it. usage: run.ts [--update] */

import { join } from 'node:path'
import { runJobs } from '../part.ts'
import type { Tally } from '../tally.ts'
import { commitCounts, judgeCounts } from './committed.ts'
import { prepareCounting } from './counts.ts'

const tally: Tally = { passed: 0, failures: [] }
const { jobs, counts } = await prepareCounting(join(import.meta.dirname, '../../..'))
await runJobs(tally, jobs)
const finished = counts()
if (finished && process.argv[2] === '--update') {
  commitCounts(finished)
  console.log('written; npm run results -- --tables writes the table of them into docs/results.md')
}
if (finished) judgeCounts(tally, finished)
for (const failure of tally.failures) console.log(`FAILED ${failure}`)
console.log(`\n${tally.passed} passed, ${tally.failures.length} failed`)
process.exitCode = tally.failures.length === 0 && tally.passed > 0 ? 0 : 1
