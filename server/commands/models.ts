/** `inkling models [versions|rollback|resume]`: lists models and their versions, and serves earlier versions again. */

import { Command, InvalidArgumentError } from 'commander'
import type { Card } from '../../core/models/card.ts'
import type { VersionSummary, VersionsResponse } from '../../core/protocol.ts'
import { listIds } from '../../core/recognizer.ts'
import { versionsOf } from '../learning/learning.ts'
import { type OfflineOptions, readRounds, withLearning } from '../learning/offline.ts'
import { asPercent } from '../report/percent.ts'
import type { RoundStore } from '../store/rounds.ts'

interface Options extends OfflineOptions {
  readonly json?: boolean
}

const warn = (message: string) => console.error(`inkling: ${message}`)

export function modelsCommand(): Command {
  // shared with its subcommands
  const options = (command: Command) =>
    command
      .option('--state <folder>', "state directory (default: INKLING_STATE, else in the user's data directory)")
      .option('--weights <folder>', 'folder of models (default: the shipped ones)')
      .option('--json', 'print JSON')
  const command = options(new Command('models'))
    .description('List the models and the versions that are served; also while a server runs.')
    .action((_: unknown, self: Command) => list(self.opts<Options>()))
  options(command.command('versions'))
    .description('List the versions of a model, the newest first; also while a server runs.')
    .argument('<id>', 'which model')
    .action((id: string, _: unknown, self: Command) => versions(id, self.optsWithGlobals<Options>()))
  options(command.command('rollback'))
    .description(
      'Serve another version of a model, with the server stopped; from then on it learns only from you, until resume.',
    )
    .argument('<id>', 'which model')
    .argument('[version]', 'which version (default: the one before; 1 is the shipped one)', parseVersion)
    .action((id: string, version: number | undefined, _: unknown, self: Command) =>
      rollback(id, version, self.optsWithGlobals<Options>()),
    )
  options(command.command('resume'))
    .description('Let a model learn from everybody again after a rollback, with the server stopped.')
    .argument('<id>', 'which model')
    .action((id: string, _: unknown, self: Command) => resume(id, self.optsWithGlobals<Options>()))
  return command
}

function list(options: Options): void {
  const models = readRounds(options, warn, (zoo, store) =>
    zoo.list().map((card) => {
      const { served, versions } = look(store, card)
      const summary = versions.find(({ version }) => version === served) as VersionSummary
      const { id, name, test } = card
      return { id, name, version: served, sha256: summary.sha256, accuracy: test.accuracy, gate: summary.round?.gate }
    }),
  )
  if (options.json) {
    console.log(JSON.stringify({ models }, null, 2))
    return
  }
  for (const { id, version, sha256, accuracy, gate } of models) {
    const learned = gate ? `  gate ${asPercent(gate.shipped.accuracy)} -> ${asPercent(gate.candidate.accuracy)}` : ''
    console.log(
      `${id.padEnd(18)} version ${String(version).padEnd(4)} ${sha256.slice(0, 12)}  MNIST ${asPercent(accuracy)}${learned}`,
    )
  }
}

function versions(id: string, options: Options): void {
  const found = readRounds(options, warn, (zoo, store) => {
    const card = zoo.list().find((one) => one.id === id)
    if (!card) throw new Error(`unknown_model: no model ${id}; there are: ${listIds(zoo.list().map((one) => one.id))}`)
    return look(store, card)
  })
  print(found, options)
}

async function rollback(id: string, version: number | undefined, options: Options): Promise<void> {
  const found = await withLearning(options, warn, ({ learning }) => learning.rollback(id, version))
  print(found, options)
}

async function resume(id: string, options: Options): Promise<void> {
  // it learns when the server starts, or by inkling learn
  const found = await withLearning(options, warn, ({ learning }) => learning.resume(id))
  print(found, options)
}

// A version learned from another shipped model than today's is not served.
function look(store: RoundStore | undefined, card: Card): VersionsResponse {
  const version = store?.learner(card.id).version ?? 0
  const row = store?.versions(card.id).find((one) => one.version === version)
  const served = row?.kept && row.shipped === card.weights.sha256 ? version : card.version
  return versionsOf(store, card, served)
}

function print(response: VersionsResponse, { json }: Options): void {
  if (json) {
    console.log(JSON.stringify(response, null, 2))
    return
  }
  for (const { version, served, available, at, sha256, round, live } of response.versions) {
    const gate = round?.gate ? `  gate ${asPercent(round.gate.candidate.accuracy)}` : ''
    const judged = live ? `  judged ${live.judged}: right ${live.right}, shipped ${live.shippedRight}` : ''
    const state = served ? 'served' : available ? '' : 'gone'
    const line = `${served ? '*' : ' '} ${String(version).padStart(4)}  ${at ?? 'shipped'.padEnd(24)}  ${sha256.slice(0, 12)}`
    console.log(`${line}  ${state.padEnd(6)}${gate}${judged}`.trimEnd())
  }
  const { hold } = response
  if (hold) console.log(`${hold.message}; ${hold.corrections} are held back`)
}

function parseVersion(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 on expected.')
}
