/** `inkling corrections`: the corrections in the state directory, and what the owner decides about them and who sent them. */

import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { SenderStanding, SenderSummary } from '../../core/learning/decisions.ts'
import type { CorrectionSummary, CorrectionUse } from '../../core/protocol.ts'
import { ConfigError } from '../config.ts'
import { EXPORTS, type ExportName } from '../corrections/export.ts'
import { openStore, type Store, storeFile } from '../corrections/store.ts'
import { moveWhole } from '../files/durable.ts'
import { openState, stateDirectory } from '../files/state-directory.ts'
import { USES } from '../store/corrections.ts'
import { repairStore } from '../store/repair.ts'

interface Options {
  state?: string
  json?: boolean
  limit: number
  use?: CorrectionUse
  format: ExportName
  from?: number
  all?: boolean
}

/** What follows from a decision. */
const NEXT = 'the models learn accordingly when the server starts, or by inkling learn'

const warn = (message: string) => console.error(`inkling: ${message}`)

export function correctionsCommand(): Command {
  const command = new Command('corrections').description(
    'List, export, approve or delete corrections; trust or block who sent them; repair the store.',
  )
  const add = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--state <folder>', "state directory (default: INKLING_STATE, else in the user's data directory)")
      .option('--json', 'print one JSON object')
  add('list', 'List them, the newest first; also while a server runs.')
    .option('--limit <number>', 'how many at most', parseLimit, 50)
    .addOption(new Option('--use <use>', 'only these').choices(USES))
    .action((options: Options) => reading(options, ({ corrections }) => list(corrections.list(options), options)))
  add('export', 'Write them all to a file, which only png does with those that are no digit; also while a server runs.')
    .argument('<file>', 'file to write, or - for standard output')
    .addOption(
      new Option('--format <format>', "label and 784 pixels a line; MNIST's files in a zip; NumPy's; drawings as drawn")
        .choices(Object.keys(EXPORTS))
        .default('csv'),
    )
    .action((file: string, options: Options) => reading(options, (store) => writeExport(store, file, options)))
  add('delete', 'Forget some for good, with the server stopped; a running one takes DELETE /api/v1/corrections/<id>.')
    .addArgument(new Argument('<id...>', 'ids of corrections'))
    .action((ids: string[], options: Options) => forget(ids, options))
  add(
    'approve',
    'Have some count as yours, with the server stopped: they are learned from whatever a round said of them.',
  )
    .argument('[id...]', 'ids of corrections')
    .option('--from <number>', 'all that this sender has held back', parseNumber)
    .option('--all', 'all that are held back')
    .action((ids: string[], options: Options) => approve(ids, options))
  add('senders', 'List who sent them, by number, most held back first; also while a server runs.').action(
    (options: Options) => reading(options, ({ corrections }) => listSenders(corrections.decisions.senders(), options)),
  )
  const decide = (name: string, standing: SenderStanding, description: string) =>
    add(name, `${description}, with the server stopped.`)
      .argument('<number>', 'number of the sender', parseNumber)
      .action((sender: number, options: Options) => setStanding(sender, standing, options))
  decide('trust', 'trusted', 'Have all that a sender teaches count as yours')
  decide('block', 'blocked', 'Use nothing of a sender, and take nothing from it any more')
  decide('unblock', 'none', 'Take a sender for any other again, blocked or trusted before')
  add(
    'repair',
    'Make a new store of what can be read of a damaged one, with the server stopped; the damaged file stays.',
  ).action(repair)
  return command
}

async function reading(options: Options, work: (store: Store) => void | Promise<void>): Promise<void> {
  const state = stateDirectory(options.state)
  if (!existsSync(storeFile(state))) throw new Error(`not_found: nothing was taught in ${state} yet`)
  const store = openStore(state, { warn, readOnly: true })
  try {
    await work(store)
  } finally {
    store.close()
  }
}

function list(rows: readonly CorrectionSummary[], { json }: Options): void {
  if (json) {
    console.log(JSON.stringify({ corrections: rows }, null, 2))
    return
  }
  for (const { id, at, label, model, version, answer, use, from, approved } of rows) {
    const who = from === undefined ? 'owner' : `sender ${from}`
    const said = `${model} ${version} said ${answer}`
    console.log(`${id}  ${at}  ${String(label).padEnd(11)}  ${said}  ${who}${approved ? ', approved' : ''}  ${use}`)
  }
}

function listSenders(senders: readonly SenderSummary[], { json }: Options): void {
  if (json) {
    console.log(JSON.stringify({ senders }, null, 2))
    return
  }
  for (const { number, standing, corrections, held, learned, latest } of senders) {
    const decided = standing === 'none' ? '' : `  ${standing}`
    console.log(
      `sender ${number}: ${corrections} kept, ${held} held back, ${learned} learned  ${latest ?? ''}${decided}`.trimEnd(),
    )
  }
}

async function writeExport({ corrections }: Store, file: string, { format, json }: Options): Promise<void> {
  const pieces = corrections.export(format, async () => {})
  const temporary = `${file}.tmp`
  const output = file === '-' ? process.stdout : createWriteStream(temporary, { mode: 0o600 })
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (!output.write(piece)) await once(output, 'drain')
  }
  if (file === '-') return
  output.end()
  await finished(output)
  moveWhole(temporary, file)
  console.log(json ? JSON.stringify({ file, format, bytes }) : `${file}: ${bytes} bytes`)
}

async function changing<Result>({ state: named }: Options, work: (store: Store) => Result): Promise<Result> {
  const state = openState(stateDirectory(named))
  try {
    const store = openStore(state.path, { warn })
    try {
      const result = work(store)
      await store.corrections.erased()
      return result
    } finally {
      store.close()
    }
  } finally {
    state.release()
  }
}

async function forget(ids: readonly string[], options: Options): Promise<void> {
  const gone = await changing(options, ({ corrections }) => ids.filter((id) => corrections.forget(id, '', true)))
  console.log(options.json ? JSON.stringify({ deleted: gone }) : `${gone.length} of ${ids.length} deleted`)
  if (gone.length < ids.length) throw new Error(`not_found: ${ids.length - gone.length} were not there`)
}

async function approve(ids: readonly string[], options: Options): Promise<void> {
  const { from, all = false, json } = options
  if (Number(ids.length > 0) + Number(from !== undefined) + Number(all) !== 1) {
    throw new ConfigError('which ones: ids, or --from and the number of a sender, or --all')
  }
  const approved = await changing(options, ({ database, corrections: { decisions } }) =>
    // all of them or none
    database.transaction(() =>
      ids.length > 0 ? ids.filter((id) => decisions.approve(id)).length : decisions.approveHeld(from),
    ),
  )
  console.log(json ? JSON.stringify({ approved }) : `${approved} approved; ${NEXT}`)
}

async function setStanding(sender: number, standing: SenderStanding, options: Options): Promise<void> {
  const summary = await changing(options, ({ corrections }) => corrections.decisions.setStanding(sender, standing))
  const said = standing === 'none' ? 'neither trusted nor blocked' : standing
  console.log(options.json ? JSON.stringify(summary) : `sender ${sender} is ${said}; ${NEXT}`)
}

function repair({ state: named, json }: Options): void {
  const state = openState(stateDirectory(named))
  try {
    const path = storeFile(state.path)
    if (existsSync(path)) openStore(state.path, { warn }).close() // renames the file when it is damaged
    const done = repairStore(path, Date.now())
    if (json) console.log(JSON.stringify(done ?? { tables: [] }))
    else if (!done) console.log('the store is not damaged')
    else {
      const lines = done.tables.map(
        ({ table, saved, unreadable }) => `${table}: ${saved} saved, ${unreadable} unreadable`,
      )
      console.log([...lines, `the damaged file is kept as ${done.kept}`].join('\n'))
    }
  } finally {
    state.release()
  }
}

function parseNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 on expected.')
}

function parseLimit(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= 1) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 on expected.')
}
