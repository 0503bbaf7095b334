/** Counts instructions without the rest of the ARM run; run.sh starts it. usage: run.ts [--update] */

import { join } from 'node:path'
import type { Tally } from '../guest/report.ts'
import { commitCounts, judgeCounts } from './committed.ts'
import { prepareCounting } from './counts.ts'

const { jobs, counts: finished } = await prepareCounting(join(import.meta.dirname, '../../..'))
// TypeScript alone takes longer than the others together
const [typescript, ...others] = jobs
const oneByOne = async () => {
  for (const job of others) await job()
}
await Promise.all([typescript(), oneByOne()])
const counts = finished()
if (process.argv[2] === '--update') {
  commitCounts(counts)
  console.log('written; npm run results -- --tables writes the table of them into docs/results.md')
}
const tally: Tally = { passed: 0, failures: [] }
judgeCounts(tally, counts)
for (const failure of tally.failures) console.log(`FAILED ${failure}`)
console.log(`\n${tally.passed} passed, ${tally.failures.length} failed`)
process.exitCode = tally.failures.length === 0 && tally.passed > 0 ? 0 : 1
