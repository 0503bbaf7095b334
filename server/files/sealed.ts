/**
 * Files of the learning that tell whether they are whole and whose: a line with the SHA-256 of the rest, a line that says what
 * it is, then bytes. Checkpoints of rounds are such, and what rounds keep for the next.
 */

import { readFileSync, rmSync } from 'node:fs'
import { writeWhole } from './durable.ts'
import { sha256 } from './sha256.ts'

const SEAL = 65 // bytes of the first line

/**
 * Writes one, wholly or not at all.
 * @param identity what it is, in one line: only who asks for just that gets it back
 * @throws errors of the file system
 */
export function writeSealed(path: string, identity: string, ...parts: readonly Uint8Array[]): void {
  const body = Buffer.concat([Buffer.from(`${identity}\n`), ...parts])
  writeWhole(path, Buffer.concat([Buffer.from(`${sha256(body)}\n`), body]))
}

/** The bytes in one of that identity, a copy; undefined where there is none, it is damaged, or another. */
export function readSealed(path: string, identity: string): Uint8Array<ArrayBuffer> | undefined {
  let file: Buffer
  try {
    file = readFileSync(path)
  } catch {
    return undefined
  }
  const body = file.subarray(SEAL)
  if (file.subarray(0, SEAL).toString('latin1') !== `${sha256(body)}\n`) return undefined
  const start = Buffer.from(`${identity}\n`)
  if (!body.subarray(0, start.length).equals(start)) return undefined
  return new Uint8Array(body.subarray(start.length))
}

/** Removes one, and what an interrupted writing of it left. */
export function removeSealed(path: string): void {
  for (const one of [path, `${path}.tmp`]) rmSync(one, { force: true })
}
