/**
 * The life of the bundle on one machine, from unpacking to the last stop: predictions, corrections, rounds, a rollback, and ends
 * of the process of every kind. Each step adds to what is observed.
 */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ModelsResponse, SystemResponse, VersionsResponse } from '../../../core/protocol.ts'
import type { Diagnosis } from '../../../server/phone/doctor/report.ts'
import { startProcess } from '../../child-processes.ts'
import type { Machine } from '../machines.ts'
import { runCommand } from './commands.ts'
import { keptBy, observeRound, observeWeights } from './kept.ts'
import { LIMITS } from './limits.ts'
import type { Mistake } from './mistakes.ts'
import { check, newObserved, type Observed, observe } from './observed.ts'
import { ask, type DrawingRequest, forEach } from './requests.ts'
import { correct, roundsEnded, roundTrains } from './rounds.ts'
import { get, post, type Running, startServer } from './running.ts'
import type { Unpacked } from './unpacked.ts'

/** Requests under way at once, so that the server need not wait for this process. */
const AT_ONCE = 4

/**
 * Processor time of an empty program on a machine for which the limit of a start was set, s. Slower machines, and those that other jobs
 * slow down, take longer for both.
 */
const EMPTY = 0.5

/** Time in which memory must come down after a round, s: the learning thread ends after 60 s without a round. */
const REST = 75

export interface Life {
  readonly machine: Machine
  readonly unpacked: Unpacked
  readonly pictures: readonly DrawingRequest[] // answered by every model at once
  readonly drawings: readonly DrawingRequest[] // answered by one model each, in turn
  readonly photograph: DrawingRequest // of 12 megapixels
  readonly log: (line: string) => void
}

/**
 * All of it, with the default model, which needs SIMD.
 * @param mistakes two of cnn-small
 */
export async function wholeLife(life: Life, mistakes: readonly Mistake[]): Promise<Observed> {
  const observed = newObserved()
  const models = ['cnn-small', 'cnn']

  const first = await start(life, observed, 'the first start', [])
  await doctor(life, observed, first)
  await predictions(life, observed, first, 'the bundle')
  const before = first.memory()
  logMemory(life, first, 'after these')
  if (before !== undefined) observed.figures.set(LIMITS.predictions, before)
  await largePicture(life, observed, first)
  let most = 0
  const began = first.processor()
  await correct(first, mistakes[0])
  const rounds = await roundsEnded(first, 2, ({ round }) => {
    if (round?.model === 'cnn') most = Math.max(most, first.memory() ?? 0)
  })
  for (const report of rounds) observeRound(observed, report)
  const spent = first.processor() - began
  life.log(`rounds of ${rounds.map(({ model }) => model).join(' and ')}: ${spent.toFixed(0)} s of processor time`)
  if (before !== undefined) {
    observed.figures.set(LIMITS.round, most)
    observed.figures.set(LIMITS.afterwards, await memoryAfterwards(first, before))
    logMemory(life, first, 'after the rounds')
  }
  for (const model of models) await observeWeights(observed, 'after the first correction', first, model)
  await answers(life, observed, first, 'after the first correction')

  await life.unpacked.unpackModels() // beside the bundle, while it serves
  await predictions({ ...life, drawings: life.drawings.slice(0, 200) }, observed, first, 'all models')
  logMemory(life, first, 'with all models')

  await post<VersionsResponse>(first, '/api/v1/models/cnn/rollback', {})
  await observeWeights(observed, 'after the rollback', first, 'cnn')
  const answered = await answers(life, observed, first, 'after the rollback')
  const kept = await keptBy(first, models)
  check(observed, 'end of the server after SIGTERM', await first.stop(), 'exit code 0')

  // cnn-small as the default model, so that no other learns again
  const second = await start(life, observed, 'the start after SIGTERM', ['--model', 'cnn-small'])
  check(observed, 'what is kept after SIGTERM', await keptBy(second, models), kept)
  observe(observed, 'what is kept after the rollback', kept)
  check(observed, 'answers after SIGTERM', await answers(life, observed, second, 'after SIGTERM'), answered)
  const trains = roundTrains(second, 'cnn-small')
  await correct(second, mistakes[1])
  await trains
  const answering = forEach(
    life.drawings.slice(0, 100),
    8,
    async (drawing) => void (await ask(second, drawing, '')),
  ).then(
    () => 'all were answered',
    () => 'some were not answered',
  )
  await second.kill()
  check(observed, 'predictions under way at kill -9', await answering, 'some were not answered')

  const third = await start(life, observed, 'the start after kill -9', ['--model', 'cnn-small'])
  const [report] = (await roundsEnded(third, 3)).slice(-1)
  observeRound(observed, report)
  await observeWeights(observed, 'after kill -9', third, 'cnn-small')
  await answers(life, observed, third, 'after kill -9')
  observe(observed, 'what is kept at the end', await keptBy(third, models))
  check(observed, 'end of the server after the second SIGTERM', await third.stop(), 'exit code 0')
  return observed
}

/**
 * Start, predictions and a round of softmax: what a processor without NEON is asked to do.
 * @param mistake of softmax, which is the only model that learns
 */
export async function shortLife(life: Life, mistake: Mistake): Promise<Observed> {
  const observed = newObserved()
  const server = await start(life, observed, 'the start', ['--model', 'softmax'])
  await doctor(life, observed, server)
  await predictions(life, observed, server, 'the bundle')
  await largePicture(life, observed, server)
  await correct(server, mistake)
  for (const report of await roundsEnded(server, 1)) observeRound(observed, report)
  await observeWeights(observed, 'after the correction', server, 'softmax')
  await answers(life, observed, server, 'after the correction')
  check(observed, 'end of the server after SIGTERM', await server.stop(), 'exit code 0')
  return observed
}

/** Processor time that Node takes on a machine for no program at all, s. */
async function emptyProgram({ command: [program, ...leading] }: Machine): Promise<number> {
  const code = 'const { user, system } = process.cpuUsage(); console.log((user + system) / 1e6)'
  const child = startProcess(program, [...leading, '-e', code])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  await once(child, 'close')
  const seconds = Number(said)
  if (!(seconds > 0))
    throw new Error(`an empty program printed ${JSON.stringify(said)}: its processor time was expected`)
  return seconds
}

async function start(life: Life, observed: Observed, name: string, settings: readonly string[]): Promise<Running> {
  const { machine, unpacked, pictures, log } = life
  const server = await startServer(machine, unpacked, settings)
  const ready = server.processor()
  const { right, text } = await ask(server, pictures[0], '')
  const answered = server.processor()
  log(`${name}: ready after ${ready.toFixed(2)} s of processor time, first answer after ${answered.toFixed(2)} s`)
  check(observed, `the first answer of ${name}`, right, true)
  observe(observed, `the first answer of ${name}`, text)
  if (machine.emulated) {
    const empty = await emptyProgram(machine)
    const scaled = answered * Math.min(1, EMPTY / empty)
    log(`${name}: an empty program takes ${empty.toFixed(2)} s; at ${EMPTY} s it would be ${scaled.toFixed(2)} s`)
    observed.figures.set(LIMITS.start, Math.max(scaled, observed.figures.get(LIMITS.start) ?? 0))
  }
  const { backend, selfTest, memory } = await get<SystemResponse>(server, '/api/v1/system')
  check(observed, `backend of ${name}`, backend, machine.backends.at(-1))
  check(observed, `self-test of ${name}`, selfTest.split(' ')[0], 'passed') // followed by why no faster backend is there
  if (machine.emulated) observed.figures.set(LIMITS.heap, memory.heapLimit / 2 ** 20)
  return server
}

/** `inkling doctor` beside the running server. What it finds is of the machine; that it finds no problem is not. */
async function doctor({ machine, unpacked, log }: Life, observed: Observed, server: Running): Promise<void> {
  const words = ['doctor', '--json', '--host', '127.0.0.1', '--port', String(server.port)]
  const { ok, running, checks } = JSON.parse(await runCommand(machine, unpacked, words)) as Diagnosis
  check(observed, 'doctor: whether it can serve', ok, true)
  check(observed, 'doctor: whether it serves', running, true)
  const other = checks
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, found }) => `${name}: ${state}, ${found}`)
  log(`doctor: ${checks.length} checks; ${other.join('; ') || 'all ok'}`)
}

/** Every drawing by one of the models there are, in turn, and every picture by all of them. */
async function predictions(life: Life, observed: Observed, server: Running, name: string): Promise<void> {
  const { models } = await get<ModelsResponse>(server, '/api/v1/models')
  const ids = models.map(({ id }) => id).sort()
  observe(observed, `models of ${name}`, ids)
  await answers(life, observed, server, `by ${name}`)
  const before = server.processor()
  let right = 0
  await forEach(life.drawings, AT_ONCE, async (drawing, i) => {
    const model = ids[(i >> 2) % ids.length] // the forms of drawings change faster
    const answer = await ask(server, drawing, `?model=${model}`)
    observe(observed, `${drawing.name} by ${model}, of ${name}`, answer.text)
    if (answer.right) right++
  })
  const { length } = life.drawings
  const each = ((server.processor() - before) / length) * 1000
  life.log(
    `${length} predictions by ${ids.length} models: ${right} right, ${each.toFixed(1)} ms of processor time each`,
  )
  check(observed, `at least 80 % right by ${name}`, right >= 0.8 * length, true)
}

/** The photograph, and the most memory while it is under way. */
async function largePicture({ photograph, log }: Life, observed: Observed, server: Running): Promise<void> {
  const before = server.memory()
  const began = server.processor()
  let most = 0
  let answered = false
  const watch = async () => {
    for (; !answered; await sleep(50)) most = Math.max(most, server.memory() ?? 0)
  }
  const asking = ask(server, photograph, '?model=cnn-small').finally(() => {
    answered = true
  })
  const [{ right, text }] = await Promise.all([asking, watch()])
  log(`a photograph of 12 megapixels: ${(server.processor() - began).toFixed(1)} s of processor time`)
  check(observed, 'the digit on a photograph', right, true)
  observe(observed, 'a photograph', text)
  if (before !== undefined) observed.figures.set(LIMITS.photograph, most - before)
}

/** Observes the answers of all models to the pictures, and returns them as one text. */
async function answers({ pictures }: Life, observed: Observed, server: Running, when: string): Promise<string> {
  const texts: string[] = []
  for (const picture of pictures) {
    const { text } = await ask(server, picture, '?model=all&input=1')
    observe(observed, `${picture.name} ${when}`, text)
    texts.push(text)
  }
  return texts.join('\n')
}

function logMemory({ log }: Life, server: Running, when: string): void {
  const now = server.memory()
  if (now !== undefined) log(`resident memory ${when}: ${now.toFixed(1)} MiB`)
}

/** How far memory stays above that before, %, once it is within the limit or has had its time. */
async function memoryAfterwards(server: Running, before: number): Promise<number> {
  const end = performance.now() + REST * 1000
  for (;;) {
    const above = ((server.memory() ?? 0) / before - 1) * 100
    if (above <= LIMITS.afterwards.atMost || performance.now() > end) return above
    await sleep(1000)
  }
}
