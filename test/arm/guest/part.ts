/** The part `programs`: one program on this machine and on emulated ones, which computes everything that must have the same bits. */

import { join } from 'node:path'
import type { BackendFactory } from '../../../core/backend/backend.ts'
import { bundle, bundled } from '../bundle.ts'
import { type Machine, type Outcome, run } from '../machines.ts'
import type { Part } from '../part.ts'
import type { Tally } from '../tally.ts'
import { writeLearners } from './learning.ts'
import { countAgreement, countDigests, countLearning, countTraining, type Report } from './report.ts'

export interface ProgramFolders {
  readonly root: string // of the repository, with the WASM built
  readonly pictures: string
  readonly data: string | undefined // data sets
}

/** @param backends of this machine, which trains the networks that learn on all */
export async function comparePrograms(
  machines: readonly Machine[],
  { root, pictures, data }: ProgramFolders,
  backends: BackendFactory,
): Promise<Part> {
  const out = join(root, 'build/arm/guest')
  const [weights, learners] = [join(root, 'weights'), join(root, 'build/arm/learners')]
  await bundle(root, out, { guest: join(import.meta.dirname, 'guest.ts') })
  writeLearners(learners, weights, backends)
  const folders = [join(root, 'build'), pictures, weights, learners, ...(data ? [data] : [])]
  const outcomes = new Map<Machine, Outcome>()
  return {
    jobs: machines.map((machine) => ({
      name: `programs, ${machine.name}`,
      usual: machine.emulated ? 190 : 30,
      async work() {
        const outcome = await run(machine, bundled(out, 'guest'), [machine.backends.join(), ...folders])
        outcomes.set(machine, outcome)
        const lines = outcome.report ? describe(outcome.report) : []
        console.log([`\nprograms, ${machine.name}: ${machine.backends.join(', ')}`, ...lines].join('\n  '))
      },
    })),
    compare(tally) {
      const reference = outcomes.get(machines[0])?.report
      for (const [{ name }, { report, failure }] of outcomes) {
        if (!report) tally.failures.push(`${name}: ${failure}`)
        else if (reference) countReport(tally, name, report, reference)
      }
    },
  }
}

function countReport(tally: Tally, machine: string, report: Report, reference: Report): void {
  countAgreement(tally, machine, report)
  if (report !== reference) countDigests(tally, machine, report, reference)
  countLearning(tally, machine, report, reference)
  countTraining(tally, machine, report, reference)
}

function describe({ agreement, digests, learning, training, seconds }: Report): string[] {
  const parts = Object.entries(seconds).map(([part, s]) => `${part} ${s.toFixed(1)} s`)
  return [
    `parts: ${parts.join(', ')}`,
    `kernel cases: ${agreement.passed} agreed, ${agreement.failures.length} differed`,
    `digests: ${Object.keys(digests).length}`,
    ...learning.map(({ title, backend, verdict, right, weights }) => {
      return `learning of ${title}, ${backend}: ${verdict}, right ${right.before} -> ${right.after}, candidate ${weights}`
    }),
    ...training.map(({ title, backend, steps, accuracy, weights }) => {
      return `${title}, ${backend}: ${steps} steps, accuracy ${(accuracy * 100).toFixed(1)} %, weights ${weights}`
    }),
  ]
}
