/** Starts on a disk that is full: after a clean stop, after a kill, and for the first time. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PredictResponse } from '../../core/protocol.ts'
import { run } from '../server/command.ts'
import { withDisk } from '../server/store/mounted-disk.ts'
import { correct, correctionOf, listCorrections, untilIdle, versionsOf } from './connection.ts'
import { buildShim } from './disk.ts'
import { STROKES, smallDrawing } from './drawings.ts'
import { newFolder, startSubject } from './server-under-test.ts'

/** What a server does that starts on a full disk, and once there is room. */
export interface FullStart {
  readonly disk: string
  readonly before: 'stopped' | 'killed'
  readonly command: number | null // exit code of one that reads the store there
  readonly learned: number // version that is served before
  readonly version: number // that answers on the full disk
  readonly known: number // corrections before
  readonly listed: number // corrections that are listed there
  readonly refused: string // status and code of a correction
  readonly taken: number // status of a correction once there is room, without a restart
  readonly kept: number // corrections after one more start
  readonly ends: readonly (number | string)[]
  readonly output: string
}

interface Disk {
  readonly name: string
  readonly state: string
  readonly env: Readonly<Record<string, string>>
  fill(): void
  free(): void
}

const MODEL = 'softmax'
const SIZE = 100 * 1024 // KiB: the store leaves 64 MiB free

/** Runs `work` on each kind of full disk that can be made here; returns why others cannot. */
export async function onFullDisks(work: (disk: Disk) => Promise<void>): Promise<string[]> {
  const missing: string[] = []
  const mounted = await withDisk(SIZE, ({ path, fill }) =>
    work({ name: 'tmpfs', state: join(path, 'state'), env: {}, fill, free: () => rmSync(join(path, 'fill')) }),
  )
  if (!mounted) missing.push('a full tmpfs: this user may not mount one')
  const shim = buildShim()
  if (!shim) return [...missing, 'failing calls: there is no C compiler']
  for (const name of ['full', 'no-names']) {
    const folder = newFolder('full')
    const [state, say] = [join(folder, 'state'), join(folder, 'fault')]
    const env = { LD_PRELOAD: shim, INKLING_SHIM_ROOT: state, INKLING_SHIM_FAULT: say }
    await work({ name, state, env, fill: () => writeFileSync(say, name), free: () => rmSync(say) })
  }
  return missing
}

let number = 1 // of the next drawing

/** Teaches a server, fills its disk while it is down, starts it there, and makes room. */
export async function startFull(disk: Disk, before: 'stopped' | 'killed'): Promise<FullStart> {
  const { name, state, env, fill, free } = disk
  const start = () => startSubject(state, { ...env, INKLING_MODEL: MODEL })
  const first = start()
  await first.ready
  const { png, label } = smallDrawing(number++)
  await correct(first.owner(), png, label, MODEL)
  await untilIdle(first.owner())
  const learned = (await versionsOf(first.owner(), MODEL)).served
  const known = (await listCorrections(first.owner())).length
  await first.end(before === 'killed' ? 'SIGKILL' : 'SIGTERM')
  if (before === 'killed') rmSync(join(state, 'store.db-shm')) // else there would be room for it

  fill()
  const command = (await run(['corrections', 'list', '--state', state], env)).code
  const second = start()
  await second.ready
  const { version } = await second.connect().json<PredictResponse>('POST', '/api/v1/predict', STROKES[3])
  const listed = (await listCorrections(second.owner())).length
  const another = smallDrawing(number++)
  const send = () => second.owner().send('POST', '/api/v1/corrections', correctionOf(another.png, another.label, MODEL))
  const refusal = await send()
  const refused = `${refusal.status} ${(JSON.parse(refusal.body.toString('utf8')) as { code: string }).code}`
  free()
  const taken = (await send()).status
  await untilIdle(second.owner())
  const ends = [await second.end('SIGTERM')]
  const third = start()
  await third.ready
  const kept = (await listCorrections(third.owner())).length
  ends.push(await third.end('SIGTERM'))
  return {
    disk: name,
    before,
    command,
    learned,
    version,
    known,
    listed,
    refused,
    taken,
    kept,
    ends,
    output: second.output(),
  }
}
