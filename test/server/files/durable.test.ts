/** Every order of writes, syncs and renames that must survive a power cut: each is recorded and cut off after each of its steps. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { moveWhole, writeWhole } from '../../../server/files/durable.ts'
import { readSealed, writeSealed } from '../../../server/files/sealed.ts'
import { loadModel } from '../../../server/models/load.ts'
import { restoreModels, saveModel } from '../../../server/models/save.ts'
import { versionFolder, writeVersion } from '../../../server/models/versions.ts'
import { readCheckpoint, writeCheckpoint } from '../../../server/training/checkpoint.ts'
import { testModel } from '../models/test-model.ts'
import { Disk, LEFTOVERS, type Operation, writeTree } from './power-cut.ts'
import { recordChanges } from './recorded-fs.ts'

vi.mock('node:fs', async (original) => (await import('./recorded-fs.ts')).recordedFs(await original()))

const folder = mkdtempSync(join(tmpdir(), 'inkling-power-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Something kept on disk: `write` replaces what is there by text, `read` gives that text, or undefined where nothing is. */
interface Kept {
  readonly name: string
  readonly once?: boolean // never written over what is there
  write(root: string, text: string): void
  read(root: string): string | undefined
}

const attempt = <Value>(work: () => Value): Value | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}
const text = (path: string) => attempt(() => readFileSync(path, 'utf8'))

/** A model whose licence is the text. */
function modelOf(licence: string) {
  const { card, data, bytes } = testModel()
  return { card: { ...card, licence }, data, bytes }
}

const ROUND = { parent: 1, round: 1, shipped: '0'.repeat(64) }

const KEPT: readonly Kept[] = [
  {
    name: 'a file written whole',
    write: (root, content) => writeWhole(join(root, 'a'), content),
    read: (root) => text(join(root, 'a')),
  },
  {
    name: 'a finished file that is given its name',
    write(root, content) {
      writeFileSync(join(root, 'a.part'), content)
      moveWhole(join(root, 'a.part'), join(root, 'a'))
    },
    read: (root) => text(join(root, 'a')),
  },
  {
    name: 'a sealed file',
    write: (root, content) => writeSealed(join(root, 'sealed'), 'identity', Buffer.from(content)),
    read(root) {
      const bytes = readSealed(join(root, 'sealed'), 'identity')
      return bytes && Buffer.from(bytes).toString('utf8')
    },
  },
  {
    name: 'a checkpoint of a training run',
    write: (root, content) => writeCheckpoint(join(root, 'checkpoint'), {}, { content }),
    read: (root) => readCheckpoint<{ content: string }>(join(root, 'checkpoint'), {})?.content,
  },
  {
    name: 'the folder of a model',
    write(root, content) {
      const { card, bytes } = modelOf(content)
      saveModel(join(root, 'softmax'), { 'card.json': JSON.stringify(card), [card.weights.file]: bytes })
    },
    read(root) {
      restoreModels(root)
      return attempt(() => loadModel(join(root, 'softmax')).card.licence)
    },
  },
  {
    name: 'a version of a model',
    once: true,
    write: (root, content) => void writeVersion(versionFolder(root, 'softmax', 2), modelOf(content), 2, ROUND),
    read(root) {
      return attempt(() => loadModel(versionFolder(root, 'softmax', 2)).card.licence)
    },
  },
]

/** What is read after a power cut behind each of the operations, with everything that may be left: one line per reading that is wrong. */
function wrongReadings(
  kept: Kept,
  before: Disk,
  operations: readonly Operation[],
  allowed: readonly unknown[],
): string[] {
  const wrong: string[] = []
  const look = (disk: Disk, moment: string, right: readonly unknown[]) => {
    for (const leftover of LEFTOVERS) {
      const cut = mkdtempSync(join(folder, 'cut-'))
      writeTree(cut, disk.afterPowerCut(leftover))
      const read = attempt(() => ({ text: kept.read(cut) }))
      if (!read || !right.includes(read.text))
        wrong.push(`${moment}, ${JSON.stringify(leftover)}: ${read ? read.text : 'unreadable'}`)
      rmSync(cut, { recursive: true })
    }
  }
  for (const [k, operation] of operations.entries()) {
    before.apply(operation)
    look(before, `after ${k + 1} (${operation.type} ${operation.path.slice(folder.length)})`, allowed)
  }
  look(before, 'in the end', [allowed[1]])
  return wrong
}

for (const kept of KEPT) {
  test(`after a power cut at any moment ${kept.name} is the old or the new one, once it was written the new one`, () => {
    for (const old of kept.once ? [undefined] : [undefined, 'the old one']) {
      const root = mkdtempSync(join(folder, 'disk-'))
      if (old !== undefined) kept.write(root, old)
      const disk = new Disk(root)
      const operations = recordChanges(() => kept.write(root, 'the new one'))
      expect(operations.filter(({ type }) => type === 'sync').length).toBeGreaterThanOrEqual(2)
      expect(wrongReadings(kept, disk, operations, [old, 'the new one'])).toEqual([])
    }
  })
}
