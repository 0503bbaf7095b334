/**
 * `npm run load`: measures the server under load, from one connection to more than it accepts, with drawings as PNGs and as strokes;
 * in between, the time pngjs takes to decode the same PNGs on the same core; and the memory with one model after the other.
 * On Linux the server has a core of its own, and the load comes from another. `-- --seconds 4 --rounds 3`.
 * `-- --workers 2` gives the server so many threads beside the main one, and all cores, which it shares with the load.
 * `-- --soak 150000` measures instead the memory over so many requests of all kinds, with corrections and rounds of learning.
 * `-- --write` stores the figures and writes their table into docs/results.md.
 */

import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ModelsResponse } from '../core/protocol.ts'
import { processorName } from '../server/benchmark/environment.ts'
import { serveFlags } from '../server/launch.js'
import { drive, type Load, type LoadRequest, percentile, postRequest } from '../test/server/http/load-client.ts'
import { type LoadDrawing, loadDrawings } from '../test/server/http/load-drawings.ts'
import { memory, noProc, processorTime } from '../test/server/process-usage.ts'
import { type RunningServer, startServer } from '../test/server/running-server.ts'
import { readFigures, writeFigures } from './generated-tables.ts'
import { type LoadFigures, type SeriesFigures, writeLoad } from './load/page.ts'
import { reportSoak } from './load/soak.ts'

const KINDS = ['png', 'strokes'] as const
const CONNECTIONS = [1, 16, 64, 256]

/** Connections at which the server is at its capacity and refuses nothing. */
const FULL = 16

const TYPES = { png: 'image/png', strokes: 'application/json' }

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '0' },
    soak: { type: 'string' },
    write: { type: 'boolean' },
  },
})
if (values.soak !== undefined) {
  await reportSoak(Number(values.soak), values.write ?? false)
  process.exit()
}
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const alone = values.workers === '0'
const pinned = alone && process.platform === 'linux' && availableParallelism() > 1 && pin(process.pid, 1)
const drawings = loadDrawings()

function pin(pid: number, core: number): boolean {
  return spawnSync('taskset', ['-a', '-cp', String(core), String(pid)]).status === 0
}

type Pressed = Load & { readonly processor: number }

/** Loads the server for some seconds, and measures its processor time, ms. */
async function press(
  server: RunningServer,
  requests: readonly LoadRequest[],
  connections: number,
  seconds: number,
): Promise<Pressed> {
  const before = noProc ? Number.NaN : processorTime(server.pid)
  const load = await drive(server.port, requests, connections, seconds)
  return { ...load, processor: noProc ? Number.NaN : processorTime(server.pid) - before }
}

/** The time pngjs takes to decode one of the PNGs on the server's core, ms: wall-clock and processor time. */
function decodeElsewhere(): { readonly clock: number; readonly processor: number } {
  const script = fileURLToPath(new URL('./pngjs-load.ts', import.meta.url))
  const command = [...(pinned ? ['taskset', '-c', '0'] : []), process.execPath, script]
  const { stdout, stderr, status } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function requestsOf({ port }: RunningServer, kind: (typeof KINDS)[number], query = '') {
  return drawings.map((drawing: LoadDrawing) => ({
    bytes: postRequest(port, `/api/v1/predict${query}`, TYPES[kind], drawing[kind]),
    digit: drawing.digit,
  }))
}

async function start(): Promise<RunningServer> {
  const nowhere = '/nonexistent' // no data set: what comes with the program is measured
  const settings = {
    INKLING_RATE_LIMIT: 'off',
    INKLING_CONNECTIONS: '256',
    INKLING_DATA: nowhere,
    INKLING_WORKERS: values.workers,
  }
  const flags = serveFlags().filter((flag) => flag.startsWith('--max-')) // those that NODE_OPTIONS may hold
  const server = await startServer({ ...settings, NODE_OPTIONS: flags.join(' ') })
  if (pinned) pin(server.pid, 0)
  return server
}

const mebibytes = (bytes: number) => (Number.isNaN(bytes) ? '-' : `${wholeMebibytes(bytes)} MiB`)
const wholeMebibytes = (bytes: number) => Math.round(bytes / 1_048_576)
const resident = ({ pid }: RunningServer) => (noProc ? Number.NaN : memory(pid).now) // bytes
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]
const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

function table(...columns: string[]): void {
  console.log()
  row(...columns)
  row(...columns.map((_, k) => (k ? '--:' : '---')))
}

/** One kind of load at one number of connections, round after round. */
interface Series {
  readonly loads: Pressed[]
  readonly resident: number[] // after each round, bytes
}

/** Every round has all numbers of connections, so that other work on the machine disturbs all alike. */
async function pressAll(server: RunningServer, kind: (typeof KINDS)[number]): Promise<Map<number, Series>> {
  const all = new Map(CONNECTIONS.map((connections): [number, Series] => [connections, { loads: [], resident: [] }]))
  for (let round = 0; round < rounds; round++) {
    for (const [connections, series] of all) {
      series.loads.push(await press(server, requestsOf(server, kind), connections, seconds))
      series.resident.push(resident(server))
    }
  }
  return all
}

const rateOf = ({ answered, seconds }: Load) => answered / seconds
const costOf = ({ answered, processor }: Pressed) => processor / answered
const timeOf = (loads: readonly Pressed[], share: number) => median(loads.map(({ times }) => percentile(times, share)))

/** Share of all requests in the rounds that was refused, 0..1. */
function refusedShare(loads: readonly Pressed[]): number {
  const sum = (name: 'answered' | 'refused' | 'other') => loads.reduce((total, load) => total + load[name], 0)
  return sum('refused') / (sum('answered') + sum('refused') + sum('other'))
}

/** Prints one line of the table. A fault is an answer that is neither 200 nor 503, or has the wrong digit. */
function report(kind: string, connections: number, { loads, resident }: Series): void {
  const faults = loads.reduce((total, { other, wrong }) => total + other + wrong, 0)
  const rate = median(loads.map(rateOf)).toFixed(0)
  const cost = median(loads.map(costOf)).toFixed(3)
  const memory = `${mebibytes(resident[0])}, ${mebibytes(resident[resident.length - 1])}`
  const [typical, slow] = [0.5, 0.99].map((share) => timeOf(loads, share).toFixed(2))
  row(kind, connections, rate, cost, typical, slow, `${(100 * refusedShare(loads)).toFixed(1)} %`, faults, memory)
  if (faults > 0) process.exitCode = 1
}

/** Prints how answers and processor time beyond the server's capacity compare with those at its capacity. */
function reportPast(kind: string, all: Map<number, Series>): void {
  const full = all.get(FULL)?.loads ?? []
  const share = (loads: readonly Pressed[], of: (load: Pressed) => number) =>
    `${(100 * median(loads.map((load, round) => of(load) / of(full[round])))).toFixed(0)} %`
  for (const [connections, { loads }] of all) {
    if (connections <= FULL) continue
    const [rate, cost] = [share(loads, rateOf), share(loads, costOf)]
    console.log(
      `${kind}, ${connections} connections: ${rate} of the answers with ${FULL}, ${cost} of the processor time for one`,
    )
  }
}

const server = await start()
console.log(
  `${processorName() ?? process.arch}, Node ${process.versions.node}, ${pinned ? 'one core each for server and load' : 'not pinned'}, ${values.workers} workers`,
)
for (const kind of KINDS) await drive(server.port, requestsOf(server, kind), FULL, seconds) // so that the code is compiled

const measured = new Map<string, Map<number, Series>>()
for (const kind of KINDS) measured.set(kind, await pressAll(server, kind))
table(
  'load',
  'connections',
  'answers/s',
  'processor ms',
  'median ms',
  'p99 ms',
  'refused with 503',
  'faults',
  `memory after the first round, the last`,
)
for (const [kind, all] of measured) for (const [connections, series] of all) report(kind, connections, series)
console.log()
for (const [kind, all] of measured) reportPast(kind, all)

table('round', 'pngjs decodes, ms', 'request with PNG, ms', 'times', 'processor: pngjs, ms', 'request, ms', 'times')
const ratios: [number, number][] = []
for (let round = 0; round < 2 * rounds + 1; round++) {
  const pngjs = decodeElsewhere()
  const load = await press(server, requestsOf(server, 'png'), FULL, seconds / 2)
  const [clock, processor] = [1000 / rateOf(load), costOf(load)]
  const ratio: [number, number] = [clock / pngjs.clock, processor / pngjs.processor]
  ratios.push(ratio)
  const cells = [pngjs.clock, clock, ratio[0], pngjs.processor, processor, ratio[1]]
  row(round + 1, ...cells.map((one) => one.toFixed(2)))
}
row(
  'median',
  '',
  '',
  median(ratios.map(([clock]) => clock)).toFixed(2),
  '',
  '',
  median(ratios.map(([, own]) => own)).toFixed(2),
)

table('model', 'takes, MiB', 'answers', 'right', 'memory of the server')
const { models } = (await (await fetch(`${server.url}/api/v1/models`)).json()) as ModelsResponse
for (const { id, memory: bytes } of models) {
  const { answered, wrong, other } = await drive(server.port, requestsOf(server, 'strokes', `?model=${id}`), 1, 1)
  row(id, (bytes / 1_048_576).toFixed(1), answered, answered - wrong, mebibytes(resident(server)))
  if (other > 0) process.exitCode = 1
}
const loaded = { models: models.length, memory: wholeMebibytes(resident(server)) }
await server.stop()

function seriesFigures(kind: (typeof KINDS)[number], connections: number, { loads, resident }: Series): SeriesFigures {
  const typical = timeOf(loads, 0.5)
  return {
    kind,
    connections,
    rate: Math.round(median(loads.map(rateOf))),
    median: Number(typical.toFixed(typical < 10 ? 2 : 1)),
    p99: Number(timeOf(loads, 0.99).toPrecision(2)),
    refused: Number((100 * refusedShare(loads)).toFixed(1)),
    memory: wholeMebibytes(resident[resident.length - 1]),
  }
}

if (values.write && !alone) throw new Error('the figures that are kept are those of one core: --workers 0')
if (values.write) {
  const { soak } = readFigures<LoadFigures>('load')
  writeFigures('load', {
    ...(soak && { soak }),
    at: new Date().toISOString().slice(0, 10),
    machine: processorName() ?? process.arch,
    node: process.versions.node,
    model: models.find((one) => one.default)?.id ?? '',
    rounds,
    pngjs: Number(median(ratios.map(([clock]) => clock)).toFixed(2)),
    pngjsRounds: ratios.length,
    loaded,
    series: KINDS.flatMap((kind) =>
      [...(measured.get(kind) ?? [])].map(([connections, series]) => seriesFigures(kind, connections, series)),
    ),
  } satisfies LoadFigures)
  writeLoad(readFigures('load'))
}
