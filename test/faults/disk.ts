/**
 * A disk that fills up, fails to sync, becomes read-only and recovers, under a server that predicts, takes corrections and learns:
 * predictions continue, corrections are refused with Retry-After, and nothing needs a restart.
 */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from '../child-processes.ts'
import { withDisk } from '../server/store/mounted-disk.ts'
import { correct, correctionOf, listCorrections, sleep, trainingOf, untilIdle, versionsOf } from './connection.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { newFolder, type Subject, startSubject } from './server-under-test.ts'

export interface DiskFigures {
  readonly fault: string
  predictions: number
  failed: number // of these
  refused: number // corrections with 503 and Retry-After
  wrong: number // corrections answered otherwise
  acknowledged: number // corrections before the fault and after the recovery
  lost: number // acknowledged ones that are missing before or after a restart
  recovery: number // ms from the disk's recovery to an acknowledged correction, without a restart
  learned: boolean // whether the round requested during the fault ran afterwards, without another request
}

/** A fault and how it is caused. */
interface Fault {
  readonly name: string
  readonly writable: boolean // so that a correction may be acknowledged, and must be there in the end
  begin(): void
  end(): void
}

const MODEL = 'softmax'

/** KiB: the store leaves 64 MiB free. */
const DISK = 100 * 1024

/**
 * @param lasting duration of each fault, ms
 * @param failing failing calls, beside a full disk
 * @returns figures, and the reasons why figures of faults are missing
 */
export async function failDisk(
  lasting: number,
  failing: readonly string[] = ['full', 'sync', 'read-only', 'unreadable'],
): Promise<{ figures: DiskFigures[]; missing: string[] }> {
  const figures: DiskFigures[] = []
  const missing: string[] = []
  const mounted = await withDisk(DISK, async ({ path, fill }) => {
    const full = { name: 'full (tmpfs)', writable: false, begin: fill, end: () => rmSync(join(path, 'fill')) }
    figures.push(...(await suffer(join(path, 'state'), [full], lasting, {})))
  })
  if (!mounted) missing.push('full (tmpfs): this user may not mount one')

  const shim = buildShim()
  if (!shim) return { figures, missing: [...missing, 'failing calls: there is no C compiler'] }
  const folder = newFolder('shim')
  const state = join(folder, 'state')
  const say = join(folder, 'fault')
  const faults = failing.map((name) => ({
    name:
      {
        full: 'full (ENOSPC)',
        sync: 'fsync fails (EIO)',
        'read-only': 'read-only (EROFS)',
        unreadable: 'reads fail (EIO)',
      }[name] ?? name,
    writable: name === 'unreadable',
    begin: () => writeFileSync(say, name),
    end: () => rmSync(say),
  }))
  const env = { LD_PRELOAD: shim, INKLING_SHIM_ROOT: state, INKLING_SHIM_FAULT: say }
  figures.push(...(await suffer(state, faults, lasting, env)))
  return { figures, missing }
}

/** The library that makes calls fail; undefined without a compiler. */
export function buildShim(): string | undefined {
  const source = fileURLToPath(new URL('./shim.c', import.meta.url))
  const library = join(newFolder('shim'), 'shim.so')
  if (process.platform !== 'linux') return undefined
  return runTool('cc', '-O1', '-shared', '-fPIC', '-o', library, source) ? library : undefined
}

async function suffer(
  state: string,
  faults: readonly Fault[],
  lasting: number,
  env: Readonly<Record<string, string>>,
): Promise<DiskFigures[]> {
  const settings = { ...env, INKLING_MODEL: MODEL }
  const subject = startSubject(state, settings)
  await subject.ready
  const acknowledged: string[] = []
  const all: DiskFigures[] = []
  for (const fault of faults) all.push(await one(subject, fault, lasting, acknowledged))
  const { status } = await subject.connect().send('POST', '/api/v1/predict', STROKES[0])
  const code = await subject.end('SIGTERM')
  if (/\s at /.test(subject.output())) throw new Error(`the server failed: ${subject.output()}`)
  if (status !== 200 || code !== 0) throw new Error(`in the end it answers ${status} and leaves with ${code}`)
  const again = startSubject(state, settings)
  await again.ready
  const there = new Set((await listCorrections(again.owner())).map(({ id }) => id))
  const lost = acknowledged.filter((id) => !there.has(id)).length
  await again.end('SIGTERM')
  return all.map((figures) => ({ ...figures, lost: figures.lost + lost }))
}

let number = 0 // of the next drawing

async function one(subject: Subject, fault: Fault, lasting: number, acknowledged: string[]): Promise<DiskFigures> {
  const owner = subject.owner()
  const counts = { predictions: 0, failed: 0, refused: 0, wrong: 0, acknowledged: 0, lost: 0, recovery: 0 }
  const figures: DiskFigures = { fault: fault.name, ...counts, learned: false }
  const teach = async () => {
    const { png, label } = smallDrawing(number++)
    const { id } = await correct(owner, png, label, MODEL)
    acknowledged.push(id)
    figures.acknowledged++
  }
  for (let k = 0; k < 3; k++) await teach()
  await untilIdle(owner)
  await teach() // a round of this correction is about to begin when the disk fails

  let failing = true
  const predict = async (address: string) => {
    const on = subject.connect(address)
    for (let k = 0; failing; k++) {
      const answer = await on.send('POST', '/api/v1/predict', STROKES[k % STROKES.length]).catch(() => undefined)
      figures.predictions++
      if (answer?.status !== 200) figures.failed++
      await sleep(5)
    }
  }
  const visitors = ['127.0.4.1', '127.0.4.2'].map(predict)
  const before = (await trainingOf(owner)).rounds[0]?.round ?? 0
  fault.begin()
  const since = performance.now()
  while (performance.now() - since < lasting) {
    const { png, label } = smallDrawing(1_000_000 + number++)
    const { status, headers, body } = await owner.send('POST', '/api/v1/corrections', correctionOf(png, label, MODEL))
    if (status === 503 && Number(headers['retry-after']) > 0) figures.refused++
    else if (status === 201 && fault.writable) acknowledged.push(JSON.parse(String(body)).id)
    else figures.wrong++
    // requesting a round and listing corrections must not fail
    const asked = await owner.send('POST', '/api/v1/training', { model: MODEL })
    const listed = await owner.send('GET', '/api/v1/corrections')
    for (const answer of [asked, listed]) if (![200, 202, 503].includes(answer.status)) figures.wrong++
    await sleep(100)
  }
  fault.end()
  const back = performance.now()
  // the waiting round starts automatically
  while (!figures.learned && performance.now() - back < 30_000) {
    const { rounds } = await trainingOf(owner)
    figures.learned = (rounds[0]?.round ?? 0) > before && rounds[0].verdict !== 'failed'
    await sleep(100)
  }
  const tried = performance.now()
  await teach()
  figures.recovery = performance.now() - tried
  await untilIdle(owner)
  if ((await versionsOf(owner, MODEL)).versions.length < 2) figures.learned = false
  failing = false
  await Promise.all(visitors)
  const there = new Set((await listCorrections(owner)).map(({ id }) => id))
  figures.lost = acknowledged.filter((id) => !there.has(id)).length
  return figures
}
