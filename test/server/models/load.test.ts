import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { NetworkCard } from '../../../core/models/card.ts'
import { encodeTensors } from '../../../core/models/safetensors.ts'
import { philox } from '../../../core/random.ts'
import { SHIPPED_MODELS } from '../../../server/files/program.ts'
import { sha256 } from '../../../server/files/sha256.ts'
import { ModelFolder } from '../../../server/models/folder.ts'
import { loadModel, readExactly, readRegular } from '../../../server/models/load.ts'
import { restoreModels, saveModel } from '../../../server/models/save.ts'
import { runTool } from '../../child-processes.ts'
import { BAD, GOOD, LAYOUT } from '../../core/models/bad-weights.ts'
import { run } from '../command.ts'
import { testModel } from './test-model.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-reading-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A model folder with these weights, whose card is in order. */
function folderOf(bytes: Uint8Array, digest = sha256(bytes), id = 'softmax'): string {
  const folder = join(root, id)
  const { card } = testModel(id)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const weights = { file: 'weights.safetensors', bytes: bytes.length, sha256: digest }
  writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...card, weights }))
  writeFileSync(join(folder, weights.file), bytes)
  return folder
}

function refusal(folder: string): string {
  try {
    loadModel(folder)
    return 'accepted'
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    if (message.includes(root)) expect(message).toBe('a message without a path')
    return code ?? message
  }
}

/** Flips these bits of the weights file one by one. Returns those that did not make it refused. */
function bitFlipsAccepted(folder: string, bits: Iterable<number>): number[] {
  const bytes = readFileSync(join(folder, 'weights.safetensors'))
  const file = openSync(join(folder, 'weights.safetensors'), 'r+')
  const accepted: number[] = []
  for (const bit of bits) {
    const at = bit >> 3
    writeSync(file, Uint8Array.of(bytes[at] ^ (1 << (bit & 7))), 0, 1, at)
    if (refusal(folder) !== 'bad_digest') accepted.push(bit)
    writeSync(file, bytes, at, 1, at)
  }
  closeSync(file)
  expect(refusal(folder)).toBe('accepted')
  return accepted
}

const ZEROS = encodeTensors(LAYOUT, new Uint8Array(31_400))
const ZERO_MATRIX = encodeTensors(LAYOUT, new Uint8Array(31_400).fill(1, 31_360))

describe('a model folder', () => {
  test('with good weights is loaded', () => {
    const { card, data, bytes } = loadModel(folderOf(GOOD))
    expect(card.id).toBe('softmax')
    expect(bytes).toEqual(GOOD)
    expect(data).toEqual(GOOD.slice(GOOD.length - 31_400))
  })

  test.each([
    ...BAD,
    ['with nothing but zeros', ZEROS, 'failed_selftest'] as const,
    ['with a matrix of zeros', ZERO_MATRIX, 'failed_selftest'] as const,
    ['of 1 MB, where 97 kB are the most', new Uint8Array(1_000_000), 'too_large'] as const,
  ])('with weights %s is refused, whatever its digest', (_what, bytes, code) => {
    expect(refusal(folderOf(bytes))).toBe(code)
  })

  test('with another digest in its card is refused', () => {
    expect(refusal(folderOf(GOOD, sha256(GOOD.subarray(1))))).toBe('bad_digest')
  })

  test('with any one bit of a small weights file flipped is refused', () => {
    const layers: NetworkCard['layers'] = [{ type: 'dense', inputs: 4, outputs: 2 }]
    const tensors = [
      { name: '0.weight', shape: [4, 2], length: 8 },
      { name: '0.bias', shape: [2], length: 2 },
    ]
    const bytes = encodeTensors(tensors, new Uint8Array(Float32Array.from({ length: 10 }, (_, i) => i / 7).buffer))
    const folder = folderOf(bytes, sha256(bytes), 'small')
    const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))
    writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...card, layers, parameters: 10 }))
    expect(refusal(folder)).toBe('accepted')
    expect(bitFlipsAccepted(folder, Array(bytes.length * 8).keys())).toEqual([])
  })

  test('with any one bit of the header, or one of 1,000 seeded bits, of the shipped softmax flipped is refused', () => {
    const folder = join(root, 'shipped')
    cpSync(join(SHIPPED_MODELS, 'softmax'), folder, { recursive: true })
    const file = readFileSync(join(folder, 'weights.safetensors'))
    const header = (8 + file.readUInt32LE(0)) * 8
    const rest = file.length * 8 - header
    const sample = Array.from({ length: 1000 }, (_, i) => header + ((philox(33, 0, i) >>> 0) % rest))
    expect(bitFlipsAccepted(folder, [...Array(header).keys(), ...sample])).toEqual([])
  })

  test('whose card names a file that is not there is refused, and so is one without a card', () => {
    const folder = folderOf(GOOD)
    rmSync(join(folder, 'weights.safetensors'))
    expect(refusal(folder)).toBe('missing_file')
    expect(refusal(join(root, 'nowhere'))).toBe('missing_file')
  })

  test.each([
    ['is not JSON', '{"format":'],
    ['is an array', '[]'],
    ['is empty', ''],
    ['names weights in another folder', JSON.stringify({ ...testModel().card, weights: { file: '../w', sha256: '' } })],
  ])('with a card that %s is refused with the code bad_card', (_, card) => {
    const folder = folderOf(GOOD)
    writeFileSync(join(folder, 'card.json'), card)
    expect(refusal(folder)).toBe('bad_card')
  })

  test.each([
    'weights.safetensors',
    'card.json',
  ])('whose %s is a link, a pipe or a folder is refused at once', (name) => {
    const folder = folderOf(GOOD)
    const path = join(folder, name)
    const content = readFileSync(path)
    writeFileSync(join(root, 'elsewhere'), content)
    for (const make of [
      () => symlinkSync(join(root, 'elsewhere'), path),
      () => symlinkSync('/dev/zero', path),
      () => runTool('mkfifo', path),
      () => mkdirSync(path),
    ]) {
      rmSync(path, { recursive: true })
      make()
      expect(refusal(folder)).toBe('not_regular_file')
    }
  })

  test('a device is not read', () => {
    for (const device of ['/dev/zero', '/dev/null', '/dev/tty']) {
      expect(() => readRegular(device, 1000, 'the file')).toThrow('the file is not a regular file')
    }
  })

  test('whose file shrinks while it is read is refused', () => {
    const path = join(root, 'shrinking')
    writeFileSync(path, GOOD)
    const file = openSync(path, 'r+')
    ftruncateSync(file, 1000)
    expect(() => readExactly(file, GOOD.length, 'the file')).toThrow('the file ended after 1000 of')
    closeSync(file)
  })

  test('that is replaced after it was read does not change what was loaded', () => {
    const folder = folderOf(GOOD)
    const { data } = loadModel(folder)
    writeFileSync(join(folder, 'weights.safetensors'), new Uint8Array(GOOD.length))
    expect(data).toEqual(GOOD.slice(GOOD.length - 31_400))
  })

  test('of which an interrupted replacement left two is the older one again', () => {
    const models = join(root, 'models')
    const { card } = testModel()
    const weights = { ...card.weights, bytes: GOOD.length, sha256: sha256(GOOD) }
    const files = (version: number) => ({
      'card.json': JSON.stringify({ ...card, version, weights }),
      'weights.safetensors': GOOD,
    })
    saveModel(join(models, 'softmax'), files(1))
    saveModel(join(models, 'softmax.newer'), files(2))
    renameSync(join(models, 'softmax'), join(models, 'softmax.old'))
    renameSync(join(models, 'softmax.newer'), join(models, 'softmax.new'))
    const zoo = new ModelFolder(models, () => 0, console.error)
    expect(zoo.list().map(({ id, version }) => [id, version])).toEqual([['softmax', 1]])
    saveModel(join(models, 'softmax'), files(3))
    restoreModels(models)
    expect(loadModel(join(models, 'softmax')).card.version).toBe(3)
  })
})

describe('on the command line', () => {
  const once = BAD.filter(([, , code], i) => BAD.findIndex((other) => other[2] === code) === i)

  test('a refused model file is exit 3 with its code, in one line, for every code', async () => {
    for (const [, bytes, code] of [...once, ['', ZEROS, 'failed_selftest'] as const]) {
      const { code: exit, stdout, stderr } = await run(['export', folderOf(bytes), '--format', 'f32', '--out', '-'])
      expect([exit, stdout, stderr.split('\n').length, stderr.split(':')[1]]).toEqual([3, '', 2, ` ${code}`])
    }
  })

  test('a refused card and a wrong digest are exit 3, a model that is not there is exit 1 and says which are', async () => {
    const folder = folderOf(GOOD, sha256(ZEROS))
    expect(await run(['export', folder])).toMatchObject({ code: 3, stderr: expect.stringContaining('bad_digest: ') })
    writeFileSync(join(folder, 'card.json'), '{}')
    expect(await run(['export', folder])).toMatchObject({ code: 3, stderr: expect.stringContaining('bad_card: ') })
    expect(await run(['export', 'none', '--models', root])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^inkling: no model none; there are: .*softmax/),
    })
  })
})
