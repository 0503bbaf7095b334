/**
 * Sealed files: a line with the SHA-256 of the rest, then the rest. Damage is noticed when one is read. All checkpoints, of
 * training runs and of rounds of learning, are such files, and so is what rounds keep for later ones.
 */

import { readFileSync, rmSync } from 'node:fs'
import { writeWhole } from './durable.ts'
import { sha256 } from './sha256.ts'

const SEAL = 65 // bytes of the first line

/**
 * Writes bytes, wholly or not at all.
 * @param identity what they are, in one line: only a reader that names the same identity gets them back
 * @throws errors of the file system
 */
export function writeSealed(path: string, identity: string, ...parts: readonly Uint8Array[]): void {
  const file = Buffer.concat([Buffer.alloc(SEAL), Buffer.from(`${identity}\n`), ...parts])
  file.set(seal(file.subarray(SEAL)))
  writeWhole(path, file)
}

/** A copy of the bytes; undefined where there is no file, it is damaged, or it has another identity. */
export function readSealed(path: string, identity: string): Uint8Array<ArrayBuffer> | undefined {
  const file = read(path)
  const body = file?.subarray(SEAL)
  if (!file || !body || !isSealed(file, body)) return undefined
  const start = Buffer.from(`${identity}\n`)
  if (!body.subarray(0, start.length).equals(start)) return undefined
  return new Uint8Array(body.subarray(start.length))
}

/**
 * Writes a text as one line behind the seal, wholly or not at all. The seal does not cover the end of that line.
 * @throws errors of the file system
 */
export function writeSealedLine(path: string, line: string): void {
  const body = Buffer.from(line)
  writeWhole(path, Buffer.concat([seal(body), body, Buffer.from('\n')]))
}

/** The text; undefined where there is no file or it is damaged. */
export function readSealedLine(path: string): string | undefined {
  const file = read(path)
  const body = file?.subarray(SEAL, -1)
  return file && body && isSealed(file, body) ? body.toString('utf8') : undefined
}

/** Removes a sealed file, and what an interrupted writer of it left. */
export function removeSealed(path: string): void {
  for (const one of [path, `${path}.tmp`]) rmSync(one, { force: true })
}

function seal(body: Uint8Array): Buffer {
  return Buffer.from(`${sha256(body)}\n`)
}

function isSealed(file: Buffer, body: Uint8Array): boolean {
  return file.subarray(0, SEAL).equals(seal(body))
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
