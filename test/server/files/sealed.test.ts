/** Sealed files: their bytes on disk, and that nothing is read from a damaged one. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readSealed, readSealedLine, removeSealed, writeSealed, writeSealedLine } from '../../../server/files/sealed.ts'
import { readCheckpoint, writeCheckpoint } from '../../../server/training/checkpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-sealed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'file')
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

describe('a sealed file', () => {
  it('is the SHA-256 of the rest, the identity and the bytes, each behind the other', () => {
    writeSealed(path, 'what it is', Buffer.from('one'), Buffer.from('\ntwo'))
    expect(readFileSync(path, 'latin1')).toBe(`${digest('what it is\none\ntwo')}\nwhat it is\none\ntwo`)
    expect(Buffer.from(readSealed(path, 'what it is') ?? []).toString()).toBe('one\ntwo')
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it('is not read under another identity, or where there is none', () => {
    writeSealed(path, 'what it is', Buffer.from('one'))
    expect(readSealed(path, 'what it')).toBeUndefined()
    expect(readSealed(path, 'what it is not')).toBeUndefined()
    expect(readSealed(join(folder, 'none'), 'what it is')).toBeUndefined()
  })

  it('is not read with any bit changed or any bytes cut off', () => {
    writeSealed(path, 'identity', Buffer.from('some bytes'))
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at] ^= 1
      writeFileSync(path, changed)
      expect(readSealed(path, 'identity'), `byte ${at}`).toBeUndefined()
      writeFileSync(path, whole.subarray(0, at))
      expect(readSealed(path, 'identity'), `${at} bytes`).toBeUndefined()
    }
  })

  it('with a line of text ends in a line feed, which the seal does not cover', () => {
    writeSealedLine(path, 'größer')
    expect(readFileSync(path, 'utf8')).toBe(`${digest('größer')}\ngrößer\n`)
    expect(readSealedLine(path)).toBe('größer')
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      expect(readSealedLine(path), `${length} bytes`).toBeUndefined()
    }
    expect(readSealedLine(join(folder, 'none'))).toBeUndefined()
  })

  it('is removed together with what an interrupted writer left', () => {
    writeSealed(path, 'identity')
    writeFileSync(`${path}.tmp`, '')
    removeSealed(path)
    expect(readdirSync(folder)).toEqual([])
  })
})

it('a checkpoint of training is a sealed line of JSON, as it always was', () => {
  writeCheckpoint(path, { model: 'm' }, { loss: Infinity, parameters: Float32Array.of(1), step: 2 })
  const body =
    '{"format":2,"run":{"model":"m"},"state":{"loss":{"number":"Infinity"},"parameters":{"f32":"AACAPw=="},"step":2}}'
  expect(readFileSync(path, 'utf8')).toBe(`${digest(body)}\n${body}\n`)
  expect(readCheckpoint(path, { model: 'm' })).toEqual({ loss: Infinity, parameters: Float32Array.of(1), step: 2 })
})
