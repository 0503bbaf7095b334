/** `npm run load -- --soak REQUESTS`: the memory of a server in long use, printed while it runs. */

import { processorName } from '../../server/benchmark/environment.ts'
import { growthOf, residentIn, type SoakSample, soak } from '../../test/faults/soak.ts'
import { readFigures, writeFigures } from '../generated-tables.ts'
import { type LoadFigures, type LongRunFigures, writeLoad } from './page.ts'

/** Requests between two corrections, and between two samples. */
const [CORRECTIONS, SAMPLE] = [300, 2000]

const mebibytes = (bytes: number) => Math.round(bytes / 1_048_576)

export async function reportSoak(requests: number, write: boolean): Promise<void> {
  if (!Number.isSafeInteger(requests) || requests < 3 * SAMPLE) {
    throw new Error(`--soak must be a whole number of requests from ${3 * SAMPLE}; it is ${requests}`)
  }
  console.log('| requests | rounds | resident, MiB |\n| --: | --: | --: |')
  const onSample = ({ requests, rounds, resident }: SoakSample) =>
    console.log(`| ${requests} | ${rounds} | ${mebibytes(resident)} |`)
  const { samples, rounds, failed } = await soak({ requests, corrections: CORRECTIONS, sample: SAMPLE, onSample })
  const thirds = ([0, 1, 2] as const).map((third) => mebibytes(residentIn(samples, third)))
  const growth = growthOf(samples)
  console.log(`\n${failed} failed; growth from the second third to the last ${(100 * growth).toFixed(1)} %`)
  if (failed > 0 || growth > 0.15) process.exitCode = 1
  if (!write) return
  const figures: LongRunFigures = {
    at: new Date().toISOString().slice(0, 10),
    machine: processorName() ?? process.arch,
    node: process.versions.node,
    requests,
    rounds,
    start: mebibytes(samples[0].resident),
    thirds,
  }
  writeFigures('load', { ...readFigures<LoadFigures>('load'), soak: figures })
  writeLoad(readFigures('load'))
}
