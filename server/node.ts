/** The server on Node: makes the parts, connects them, listens, and shuts them down in order. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { InputError } from '../core/errors.ts'
import type { Card } from '../core/models/card.ts'
import { MEBIBYTE, Recognizer } from '../core/recognizer.ts'
import { nodeBackends } from './backend.ts'
import { nodeEnvironment } from './benchmark/environment.ts'
import { createOwnBenchmark } from './benchmark/own-benchmark.ts'
import { readReport, writeReport } from './benchmark/report-file.ts'
import { createBenchmarkRunner } from './benchmark/runner.ts'
import { type Config, DEFAULT_MODELS } from './config.ts'
import { openStore } from './corrections/store.ts'
import { dataDirectory } from './dataset/directory.ts'
import { inflate } from './files/inflate.ts'
import { openFilesLimit } from './files/open-files-limit.ts'
import { BUILD, PROGRAM, programVersion, SHIPPED_MODELS } from './files/program.ts'
import { openState, type State, stateDirectory } from './files/state-directory.ts'
import { listensEverywhere, networkUrls, reachableUrls, unknownAddress } from './http/addresses.ts'
import { createApp } from './http/app.ts'
import type { Deps } from './http/dependencies.ts'
import { createAdmission } from './http/limits/admission.ts'
import { connectionRoom } from './http/limits/open-files.ts'
import { createListener } from './http/listener.ts'
import { createOwnerCheck, readToken } from './http/owner.ts'
import { readPage } from './http/page-files.ts'
import { ANY_HOST, ANY_HOST_COST, createHostCheck, hostOf } from './http/visitors/hosts.ts'
import { createProxies } from './http/visitors/proxies.ts'
import { openLearning } from './learning/open.ts'
import { ModelFolder, reportSkipped } from './models/folder.ts'
import { learningPermit } from './phone/learning-permit.ts'
import { createPool } from './pool/pool.ts'
import { workerCount } from './pool/worker-count.ts'
import { createReferenceBuild } from './references/build.ts'
import { isReferenceModel, referencesRoot } from './references/references.ts'
import { asPercent } from './report/percent.ts'

/** Time for answers under way to finish after a signal, ms: the process must end within 5 s of it. */
const DRAIN_TIMEOUT = 4000

export interface Running {
  readonly urls: readonly string[] // localhost first
  readonly summary: string // one line: backend, self-test, default model
  /** Shuts down. Resolves when every answer under way is finished and the port is free. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a server and resolves when it answers.
 * @throws Error with a sentence where the port is taken, the host is not this machine's, or the state directory cannot be used
 */
export async function startServer(config: Config, warn: (message: string) => void): Promise<Running> {
  const state = openState(stateDirectory(config.state))
  try {
    return await startWith(state, config, warn)
  } catch (error) {
    state.release()
    throw error
  }
}

async function startWith(state: State, config: Config, warn: (message: string) => void): Promise<Running> {
  if (!config.state && state.path.startsWith(PROGRAM + sep)) {
    warn(`this user has no home folder, so corrections are kept in ${state.path}; --state names another folder`)
  }
  const quotas = config.rateLimit !== Infinity
  const store = openStore(state.path, {
    warn,
    quotas,
    regain: state.regain,
    learning: (confirmed) => learned.learning.models(confirmed),
    takenBack: (network) => learned.learning.takenBack(network),
  })
  const backend = await nodeBackends(config.backend)
  if (backend.selfTest !== 'passed') warn(`self-test: ${backend.selfTest}; using ${backend.name}`)
  const memory = config.modelMemory * MEBIBYTE
  // models that this machine made of data sets replace shipped models, not those of a folder that was named
  const replacements = { root: referencesRoot(), accept: (card: Card) => isReferenceModel(card, memory) }
  const folder = config.weights || SHIPPED_MODELS
  const zoo = new ModelFolder(folder, () => performance.now(), warn, config.weights ? undefined : replacements)
  const references = config.weights ? undefined : createReferenceBuild(zoo, resolveData(config.dataDir), memory, warn)
  const learned = openLearning({
    database: store.database,
    off: config.learning === 'off',
    permit: learningPermit(config.learning),
    teachers: config.teachers,
    state: state.path,
    shipped: references?.source ?? zoo,
    files: zoo,
    memory,
    dataDir: resolveData(config.dataDir),
    warn,
  })
  const recognizer = new Recognizer(backend, learned.models, {
    memory,
    preferred: [...(config.model ? [config.model] : []), ...DEFAULT_MODELS[backend.name]],
  })
  learned.serve(recognizer)
  void store.corrections.erased().catch(() => {}) // what an earlier process left to be erased
  const reported = new Set(zoo.broken().map(({ id }) => id))
  reportSkipped(
    recognizer.broken().filter(({ id }) => !reported.has(id)),
    warn,
  )
  const card = loadDefault(recognizer, config.model, warn)
  const page = readPage(config.page || join(BUILD, 'web'))
  if (page.length === 0) warn('the page is not built: npm run build makes it')

  const named = !listensEverywhere(config.host)
  const version = programVersion()
  const choice = config.backend || undefined
  const benchmark = createOwnBenchmark({
    read: () => readReport(state.path, nodeEnvironment(version, ''), choice),
    write: (report) => writeReport(state.path, report),
    runner: createBenchmarkRunner({ weights: folder, replaced: !config.weights, memory, version, backend: choice }),
    learning: () => learned.learning.state().state === 'training',
    warn,
  })
  const origins = new Set(config.origins)
  if (config.hosts.includes(ANY_HOST)) warn(ANY_HOST_COST)
  let stopping = false
  const workers = workerCount(config.workers)
  const now = () => performance.now()
  const pool = workers > 0 ? createPool({ workers, backend, source: learned.models, now, warn }) : undefined
  const gate = createAdmission({ ratePerMinute: config.rateLimit, now, defer: setImmediate, workers })
  const deps: Deps = {
    recognizer,
    pool,
    models: learned.models,
    corrections: store.corrections,
    owner: createOwnerCheck(readToken(state.path, process.env, warn), () => performance.now()),
    learning: learned.learning,
    benchmark,
    page,
    basePath: config.basePath,
    inflate,
    origins,
    ratePerMinute: config.rateLimit,
    hosts: createHostCheck(config.hosts, named ? [hostname(), hostOf(config.host)] : [hostname()], warn),
    stopping: () => stopping,
    system: () => ({ version, ...processState() }),
    addresses: () => networkUrls(config.host, address(), config.basePath),
    now,
    defer: setImmediate,
    warn,
  }
  const app = createApp(deps, gate)
  const connections = connectionRoom(config.connections, openFilesLimit())
  if (connections.warning) warn(connections.warning)
  const { server, drain } = createListener({
    gate,
    fetch: (request, client) => app.fetch(request, client),
    origins,
    proxies: createProxies(config.trustProxy, warn),
    connections,
    quotas,
    warn,
  })
  // every request needs the address, and server.address() is a system call
  let listening: AddressInfo | undefined
  const address = () => {
    listening ??= server.address() as AddressInfo
    return listening
  }

  server.listen({ port: config.port, ...(config.host && { host: config.host }) })
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new Error(listenFailure(error, config))
  })
  learned.begin()
  const { port } = address()
  const urls = named
    ? [`http://${hostOf(config.host)}:${port}${config.basePath}`]
    : await reachableUrls(address(), config.basePath)
  if (!named && urls.length === 1) warn(unknownAddress(port, config.basePath))
  return {
    urls,
    summary: summarise(recognizer, card),
    stop: async () => {
      stopping = true
      references?.stop()
      await Promise.all([learned.close(), benchmark.close(), drain(DRAIN_TIMEOUT)])
      await pool?.close()
      store.close()
      state.release()
    },
  }
}

function resolveData(named: string): string {
  return named ? resolve(named) : dataDirectory()
}

// Loads the default model before the first request; undefined where no model works.
function loadDefault(recognizer: Recognizer, named: string, warn: (message: string) => void): Card | undefined {
  try {
    const card = recognizer.load()
    if (named && card.id !== named) warn(`model ${named} cannot be used: ${card.id} answers in its place`)
    return card
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    warn('no model is loaded: nothing can be recognised')
    return undefined
  }
}

function summarise({ backend: { name, selfTest } }: Recognizer, card: Card | undefined): string {
  const model = card ? `${card.id} ${asPercent(card.test.accuracy)} on MNIST` : 'none'
  return `backend ${name}, self-test ${selfTest}, model ${model}`
}

function processState() {
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    node: process.versions.node,
    arch: process.arch,
    platform: process.platform,
    memory: { rss, heapUsed, heapLimit: getHeapStatistics().heap_size_limit, external },
    uptime: Math.round(process.uptime() * 1000) / 1000,
  }
}

function listenFailure({ code, message }: NodeJS.ErrnoException, { port, host }: Config): string {
  if (code === 'EADDRINUSE') return `port_in_use: port ${port} is taken by another program; --port chooses another`
  if (code === 'EACCES') return `port_forbidden: this user may not listen on port ${port}; those from 1024 on are free`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `bad_host: ${host} is no address of this machine; --host or INKLING_HOST takes another, and all of them unless set`
  return `cannot_listen: ${message}`
}
