/** Runs all checks of `inkling doctor` on this machine. Each has a time limit: whatever hangs or is denied costs a few seconds. */

import { existsSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { nodeBackends } from '../../backend.ts'
import type { Config } from '../../config.ts'
import { BUILD, programVersion, SHIPPED_MODELS } from '../../files/program.ts'
import { stateDirectory } from '../../files/state-directory.ts'
import { networkUrls } from '../../http/addresses.ts'
import { hasSimd, isClone, missingFlags, serveFlags } from '../../launch.js'
import { type BriefResult, runBriefly } from '../brief-process.ts'
import { learningWait } from '../learning-conditions.ts'
import { isPhone } from '../machine.ts'
import type { PowerReading, UnknownPower } from '../power-reading.ts'
import { POWER_SUPPLIES, readPowerSupplies } from '../power-supplies.ts'
import { readTermuxBattery } from '../termux-battery.ts'
import { checkBatteryOptimisation, checkPhantomProcesses } from './android.ts'
import { type Finding, within } from './finding.ts'
import { checkNetwork, checkPort, findOccupant, type Occupant } from './port.ts'
import { checkLearning, checkPower, checkTermuxApi } from './power.ts'
import { checkBackend, checkFiles, checkSettings } from './program.ts'
import type { Diagnosis } from './report.ts'
import { checkClock, checkHeap, checkMemory, checkStorage } from './room.ts'
import { checkArchitecture, checkNeon, checkNode, checkTypeStripping } from './runtime.ts'
import { checkState, checkStore } from './state.ts'

/** For a program of the system, and for a whole check, ms. */
const [TOOL_LIMIT, CHECK_LIMIT] = [2500, 5000]

const HEAP_LIMIT = 'process.stdout.write(String(require("node:v8").getHeapStatistics().heap_size_limit))'

type RunningInkling = Extract<Occupant, { kind: 'inkling' }>

type Check = readonly [name: string, check: () => Finding | Promise<Finding>]

/**
 * @param problems what is wrong with variables, in whose place `config` has the defaults
 * @param notes what else is to be said of variables
 */
export async function examine(
  config: Config,
  problems: readonly string[],
  notes: readonly string[],
): Promise<Diagnosis> {
  const { platform, arch, versions, env } = process
  const android = platform === 'android' || env.PREFIX?.includes('/com.termux') === true // all of Android is Termux here
  const phone = isPhone()
  const clone = isClone()
  const simd = hasSimd()
  const cpuinfo = readSystemFile('/proc/cpuinfo')
  const node = { version: versions.node, v8: versions.v8, arch, sqlite: 'sqlite' in versions, termux: android }
  const state = stateDirectory(config.state)
  const models = config.weights || SHIPPED_MODELS

  // First, for it computes for a while, in which the time limits of the others would run out.
  const kernels = await nodeBackends(config.backend)
  const occupant = await findOccupant(config.port, config.host).catch((): Occupant => ({ kind: 'other' }))
  const running = occupant.kind === 'inkling' ? occupant : undefined
  const addresses = await findAddresses(config, running)

  const battery = phone ? readBattery(android) : undefined
  const checks: Check[] = [
    ['node', () => checkNode(node)],
    ['type-stripping', () => checkTypeStripping(clone, process.features.typescript)],
    ['architecture', () => checkArchitecture(platform, arch)],
    ['neon', () => checkNeon(arch, cpuinfo, simd)],
    ['backend', () => checkBackend(kernels, config.backend, simd, clone)],
    ['settings', () => checkSettings(problems, notes)],
    ['files', () => checkFiles(config.page || join(BUILD, 'web'), models, clone)],
    ['heap', async () => checkHeap(running?.system.memory.heapLimit ?? (await measureHeap()), heapCommand())],
    ['memory', () => checkMemory(readSystemFile('/proc/meminfo'), running !== undefined)],
    ['storage', async () => checkStorage(await freeBytesNear(state), state)],
    ['clock', () => checkClock(Date.now(), android)],
    ['port', () => checkPort(config.port, config.host, occupant)],
    ['network', () => checkNetwork(addresses, config.port, config.host)],
    ['state', () => checkState(state, running !== undefined)],
    ['store', () => checkStore(state)],
  ]
  if (android && battery) checks.push(['termux-api', async () => checkTermuxApi(await battery.termux)])
  if (battery) checks.push(['power', async () => checkPower(await battery.power, android)])
  checks.push(['learning', async () => checkLearning(config.learning, await learningWaits(config, running, battery))])
  if (android) {
    checks.push(['phantom-processes', () => checkPhantomProcesses(runTool)])
    checks.push(['battery-optimisation', () => checkBatteryOptimisation(runTool)])
  }
  const findings = await Promise.all(checks.map(([name, check]) => within(CHECK_LIMIT, name, check)))
  return {
    version: programVersion(),
    ok: findings.every(({ state }) => state !== 'problem'),
    running: running !== undefined,
    phone,
    addresses,
    checks: findings,
  }
}

async function findAddresses(
  { host, port, basePath }: Config,
  running: RunningInkling | undefined,
): Promise<readonly string[]> {
  const own = running?.system.addresses ?? []
  if (own.length > 0 || port === 0) return own
  return networkUrls(host, { port, family: 'IPv6' }, basePath) // an IPv6 socket takes IPv4 too
}

interface Battery {
  readonly termux: Promise<PowerReading | UnknownPower> // of termux-battery-status
  readonly power: Promise<PowerReading | UnknownPower> // of whatever tells
}

// termux-battery-status is called once for all checks, for it may hang when two calls come at once.
function readBattery(termux: boolean): Battery {
  const seen = readPowerSupplies(POWER_SUPPLIES)
  const told = termux || 'unknown' in seen ? readTermuxBattery().ended : Promise.resolve(seen)
  return { termux: told, power: 'unknown' in seen ? told : Promise.resolve(seen) }
}

async function learningWaits({ learning }: Config, running: RunningInkling | undefined, battery?: Battery) {
  if (running?.training) return running.training.learningWaits
  if (!battery || learning === 'always') return undefined
  return learningWait(await battery.power, false)
}

function runTool(program: string, ...args: string[]): Promise<BriefResult> {
  return runBriefly(program, args, TOOL_LIMIT)
}

/** The heap's limit in a Node that `serve` starts, bytes. Where Node cannot start itself, `serve` keeps that of this process. */
async function measureHeap(): Promise<number> {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')]
  const flags = [...process.execArgv, ...missingFlags(serveFlags(), given)]
  const result = await runTool(process.execPath, ...flags, '-e', HEAP_LIMIT)
  const started = result.kind === 'ended' && Number(result.stdout)
  return started || getHeapStatistics().heap_size_limit
}

function heapCommand(): string {
  return `node ${serveFlags().join(' ')} server/inkling.js serve`
}

// Android denies some of /proc.
function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

async function freeBytesNear(path: string): Promise<number | undefined> {
  if (!existsSync(path) && dirname(path) !== path) return freeBytesNear(dirname(path))
  const room = await statfs(path).catch(() => undefined)
  return room && room.blocks > 0 ? room.bavail * room.bsize : undefined
}
