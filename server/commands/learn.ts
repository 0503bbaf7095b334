/** `inkling learn [MODEL...]`: holds rounds of learning from the corrections in the state directory. */

import { Command, Option } from 'commander'
import { TEACHERS } from '../../core/learning/teachers.ts'
import type { RoundReport } from '../../core/protocol.ts'
import { SEED } from '../learning/learner.ts'
import { type OfflineOptions, withLearning } from '../learning/offline.ts'
import { integer } from '../training/options.ts'
import { runProgress } from '../training/progress.ts'

interface Options extends OfflineOptions {
  readonly json?: boolean
}

export function learnCommand(): Command {
  return new Command('learn')
    .description('Learn from the stored corrections, with the server stopped; a running server does so automatically.')
    .argument('[models...]', 'which models, networks or knn (default: every one whose answers were corrected)')
    .option('--state <folder>', "state directory (default: INKLING_STATE, else in the user's data directory)")
    .option('--weights <folder>', 'folder of models (default: the shipped ones)')
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option(
      '--seed <number>',
      `of the rounds: the same seed and corrections give the same weights (default: ${SEED})`,
      integer(0, 2 ** 32 - 1),
    )
    .addOption(
      new Option('--learning <on|always>', 'on a phone: only while it charges, has 40 % and is cool; or always')
        .choices(['on', 'always'])
        .default('on'),
    )
    .addOption(
      new Option('--teachers <who>', "whose corrections count for everyone's model")
        .choices(TEACHERS)
        .default('agreed')
        .env('INKLING_TEACHERS'),
    )
    .option('--json', 'print the reports as JSON')
    .action(run)
}

async function run(models: string[], options: Options): Promise<void> {
  const progress = runProgress()
  const warn = (message: string) => progress.note(`inkling: ${message}`)
  let reports: RoundReport[] = []
  let waits = false
  try {
    reports = await withLearning(options, warn, async ({ learning, learner }) => {
      const { events } = learning
      const listener = events.listen()
      const rounds: RoundReport[] = []
      const show = () => {
        for (const { event } of listener.take().events) {
          if (event.type === 'step') {
            const { model, phase, step, steps, loss } = event
            progress.update(`${model} ${phase}`, step, steps, loss === undefined ? '' : `loss ${loss.toFixed(3)}`)
          } else if (event.type === 'finished') rounds.push(event)
        }
      }
      const timer = setInterval(show, 100)
      const stop = () => learning.stop()
      process.once('SIGINT', stop)
      try {
        await learner?.prepare()
        if (models.length === 0) await learning.start()
        for (const model of models) await learning.start(model)
        await learner?.idle()
        waits = learner?.wait !== undefined
      } finally {
        clearInterval(timer)
        process.off('SIGINT', stop)
        show()
        listener.close()
      }
      return rounds
    })
  } finally {
    progress.stop()
  }
  if (options.json) console.log(JSON.stringify({ rounds: reports }, null, 2))
  else for (const report of reports) console.log(sentence(report))
  if (waits) console.error('inkling: what is left to learn stays stored, for the server or the next inkling learn')
  if (waits || reports.some(({ verdict }) => verdict === 'failed')) process.exitCode = 1
}

function sentence({ model, verdict, version, lessons, right, reason, seconds }: RoundReport): string {
  const what = version === undefined ? verdict : `${verdict} as version ${version}`
  const drawings = `${lessons.learned} drawing${lessons.learned === 1 ? '' : 's'} learned from, ${lessons.implausible} implausible${lessons.held ? `, ${lessons.held} held back` : ''}`
  const answers = right ? `, ${right.before} answered right before and ${right.after} after` : ''
  return `${model}: ${what}: ${reason}; ${drawings}${answers}; ${seconds.toFixed(1)} s`
}
