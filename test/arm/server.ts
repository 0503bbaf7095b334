/** The bundled server on a machine: it is started, predicts and learns over HTTP, is measured, and is ended by SIGTERM. */

import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PredictAllResponse, SystemResponse } from '../../core/protocol.ts'
import { serveFlags } from '../../server/launch.js'
import { startProcess } from '../child-processes.ts'
import { bundle, bundled } from './bundle.ts'
import { correct, type Learned, type Mistake } from './correction.ts'
import type { Machine } from './machines.ts'
import { type GuestMemory, guestMemory } from './memory.ts'

const START_LIMIT = 60 // s, under emulation on a busy machine
const STOP_LIMIT = 20 // s

export interface ServerReport {
  readonly system: SystemResponse
  readonly startSeconds: number // from the start of the process to the first readiness
  /** By file name: status and answer as JSON, without id and timing. */
  readonly answers: Readonly<Record<string, string>>
  readonly digits: Readonly<Record<string, number | undefined>> // 0..9, by file name
  readonly learned: Learned
  readonly exitCode: number | null // after SIGTERM
  readonly memory: GuestMemory | undefined // after the answers, bytes; only of an emulated machine
  readonly most: GuestMemory | undefined // while it learned
}

/** Copies server, compiled kernels, page, models and package.json into `folder` as in the repository. Returns Node's arguments. */
export async function bundleServer(root: string, folder: string): Promise<string[]> {
  await bundle(root, join(folder, 'server'), { cli: join(root, 'server/cli.ts') })
  for (const part of ['package.json', 'weights', 'build/simd.wasm', 'build/scalar.wasm', 'build/web']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  return [...serveFlags(), bundled(join(folder, 'server'), 'cli')]
}

/** Inputs for the server. */
export interface Trial {
  readonly pictures: string // folder of PNG files
  readonly model: string // that learns
  readonly mistake: Mistake // it makes
}

/**
 * Starts the server, posts every PNG, corrects the mistake, waits for the round, and stops the server.
 * @throws Error with the server's output when it does not start or does not learn
 */
export async function tryServer(machine: Machine, program: readonly string[], trial: Trial): Promise<ServerReport> {
  const { pictures, model, mistake } = trial
  const [command, ...leading] = machine.command
  const started = performance.now()
  const child = startProcess(command, [...leading, ...program, 'serve', '--host', '127.0.0.1', '--port', '0'], {
    env: {
      ...process.env,
      INKLING_STATE: mkdtempSync(join(tmpdir(), 'inkling-state-')),
      INKLING_MODEL: model, // the default model learns too: then it is the only one
      INKLING_DATA: join(tmpdir(), 'no-data-sets'), // a phone has none
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = once(child, 'exit') as Promise<[number | null]>
  let running = true
  void ended.then(() => (running = false))
  try {
    const url = await ready(() => (running ? said : `${said}\n(ended)`))
    const startSeconds = (performance.now() - started) / 1000
    const answers: Record<string, string> = {}
    const digits: Record<string, number | undefined> = {}
    for (const file of readdirSync(pictures).sort()) {
      const { status, digit, rest } = await ask(url, join(pictures, file))
      answers[file] = `${status} ${JSON.stringify({ digit, ...rest })}`
      digits[file] = digit
    }
    const system = (await (await fetch(`${url}/api/v1/system`)).json()) as SystemResponse
    const measure = () => (machine.emulated ? guestMemory(child.pid as number) : undefined)
    const memory = measure()
    let most = memory
    const learned = await correct(url, model, mistake, () => {
      const now = measure()
      if (now && most && now.guest > most.guest) most = now
    })
    child.kill('SIGTERM')
    const [exitCode] = await Promise.race([ended, sleep(STOP_LIMIT * 1000, [null] as const, { ref: false })])
    return { system, startSeconds, answers, digits, learned, exitCode, memory, most }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}. The server said: ${said}`)
  } finally {
    if (running) child.kill('SIGKILL')
  }
}

/** The address the server printed, once it says it is ready. */
async function ready(said: () => string): Promise<string> {
  const end = performance.now() + START_LIMIT * 1000
  while (performance.now() < end && !said().endsWith('(ended)')) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0]
    if (url && (await fetch(`${url}/readyz`)).ok) return url
    await sleep(20)
  }
  throw new Error('the server did not get ready')
}

// Every model is asked, not only the default one: all must give the same bits everywhere.
async function ask(url: string, file: string) {
  const response = await fetch(`${url}/api/v1/predict?model=all&input=1`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: readFileSync(file),
  })
  const { id: _id, timing: _timing, answers = [], ...rest } = (await response.json()) as Partial<PredictAllResponse>
  const models = answers.map((answer) => ({ ...answer, time: 0 }))
  const [digit] = answers.flatMap((answer) => ('digit' in answer && answer.model === 'softmax' ? [answer.digit] : []))
  return { status: response.status, digit, rest: { models, ...rest } }
}
