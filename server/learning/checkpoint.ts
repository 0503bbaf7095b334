/** The checkpoint of a round of learning: what round it is and how far it is, in one file that is whole or not there. */

import { readFileSync, rmSync } from 'node:fs'
import { writeWhole } from '../durable.ts'
import { sha256 } from '../sha256.ts'

/** @param identity what must be equal for the state to be gone on with, in one line */
export function writeRoundState(path: string, identity: string, state: Uint8Array): void {
  const body = Buffer.concat([Buffer.from(`${identity}\n`), state])
  writeWhole(path, Buffer.concat([Buffer.from(`${sha256(body)}\n`), body]))
}

/** The state in a checkpoint of that identity; undefined where there is none, it is damaged, or another round's. */
export function readRoundState(path: string, identity: string): Uint8Array<ArrayBuffer> | undefined {
  let file: Buffer
  try {
    file = readFileSync(path)
  } catch {
    return undefined
  }
  const body = file.subarray(65)
  if (file.subarray(0, 65).toString('latin1') !== `${sha256(body)}\n`) return undefined
  const start = Buffer.from(`${identity}\n`)
  if (!body.subarray(0, start.length).equals(start)) return undefined
  return new Uint8Array(body.subarray(start.length))
}

/** Removes a checkpoint, and what an interrupted writing of it left. */
export function removeRoundState(path: string): void {
  for (const one of [path, `${path}.tmp`]) rmSync(one, { force: true })
}
