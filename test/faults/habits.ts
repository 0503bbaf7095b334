/** Processes under Android's habits: what a server and the commands do with android.ts loaded before them. */

import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { PredictResponse } from '../../core/protocol.ts'
import { runProcess } from '../child-processes.ts'
import { ROOT } from '../server/command.ts'
import { correct, listCorrections, untilIdle, versionsOf } from './connection.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

const MODEL = 'softmax'

const PRELOAD = new URL('android.ts', import.meta.url)

/**
 * Environment of a process with these habits.
 * @param clock a file with the ms by which its clock of the day is wrong
 * @param preload of the process's Node
 */
export function habits(names: readonly string[], clock = '', preload = PRELOAD): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preload.href}`, INKLING_HABITS: names.join(), INKLING_CLOCK: clock }
}

/** android.ts for a Node that strips no types. */
export function plainPreload(): URL {
  const file = join(newFolder('habits'), 'android.mjs')
  writeFileSync(file, stripTypeScriptTypes(readFileSync(PRELOAD, 'utf8')))
  return pathToFileURL(file)
}

/** All habits together, each in the form that is hardest to live with. */
export const ANDROID =
  'platform cpus cores-nan interfaces udp-throws proc statfs home tmp priority hostname links folder-sync folder-open'.split(
    ' ',
  )

/** What the program prints that `code`, a module of the project's root folder, is. */
export async function evaluate(names: readonly string[], code: string, env = {}): Promise<string> {
  const words = ['--input-type=module', '--eval', code]
  const { stdout, stderr } = await runProcess(process.execPath, words, {
    cwd: ROOT,
    env: { ...process.env, ...habits(names), ...env },
  })
  return `${stdout}${stderr}`.trim()
}

/** Runs a command. */
export async function runUnder(names: readonly string[], words: readonly string[], env = {}) {
  const program = fileURLToPath(new URL('../../server/inkling.js', import.meta.url))
  const { code, stdout, stderr } = await runProcess(process.execPath, [program, ...words], {
    env: { ...process.env, ...habits(names), ...env },
  })
  return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') }
}

/** What a server did under habits, from its first start to its end after a second one. */
export interface Life {
  readonly output: string // of the first start
  readonly digit: number // answered to a drawing of 3
  readonly learned: number // version that is served after a correction
  readonly back: number // version that is served after a rollback
  readonly ends: readonly (number | string)[] // exit codes after SIGTERM
  readonly kept: boolean // whether the correction is there after a restart
  readonly again: number // version that is served then
}

/**
 * Starts a server, asks, corrects, lets it learn, rolls back, stops it, and starts it again.
 * @param env its settings beside the habits'
 * @param command program and arguments that start `inkling`; this Node and the repository's unless given
 */
export async function live(
  names: readonly string[],
  env: Readonly<Record<string, string>> = {},
  command?: readonly string[],
): Promise<Life> {
  const state = newFolder('habits')
  // a phone whose battery cannot be read learns only then
  const settings = { ...habits(names), INKLING_MODEL: MODEL, INKLING_LEARNING: 'always', ...env }
  const first = startSubject(state, settings, command)
  await first.ready
  const owner = first.owner()
  const { digit } = await owner.json<PredictResponse>('POST', '/api/v1/predict', STROKES[3])
  const { png, label } = smallDrawing(1)
  const { id } = await correct(owner, png, label, MODEL)
  await untilIdle(owner)
  const learned = (await versionsOf(owner, MODEL)).served
  await owner.json('POST', `/api/v1/models/${MODEL}/rollback`, { version: 1 })
  const back = (await versionsOf(owner, MODEL)).served
  const end = await first.end('SIGTERM')
  const second = startSubject(state, settings, command)
  await second.ready
  const kept = (await listCorrections(second.owner())).some((one) => one.id === id)
  const again = (await second.connect().json<PredictResponse>('POST', '/api/v1/predict', STROKES[3])).version
  const ends = [end, await second.end('SIGTERM')]
  return { output: first.output(), digit, learned, back, ends, kept, again }
}
