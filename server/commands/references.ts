/** `inkling references`: makes k nearest neighbours of every training image on this machine, which the server then uses. */

import { join } from 'node:path'
import { Command } from 'commander'
import type { NeighboursCard } from '../../core/models/card.ts'
import { nodeBackends } from '../backend.ts'
import { dataDirectory } from '../dataset/directory.ts'
import { writeWhole } from '../files/durable.ts'
import { SHIPPED_MODELS } from '../files/program.ts'
import { readCard } from '../models/load.ts'
import { saveModel } from '../models/save.ts'
import { makeReferences } from '../references/make.ts'
import { knownReferences, REFERENCES_FILE, referencesRoot } from '../references/references.ts'
import { asPercent } from '../report/percent.ts'

const MODEL = 'knn'

interface ReferencesOptions {
  data?: string
  dataDir?: string
  out?: string
  record?: boolean
  json?: boolean
}

export function referencesCommand(): Command {
  return new Command('references')
    .description(
      `Make ${MODEL} of all training images on this machine; the server uses it in place of the shipped one.`,
    )
    .option('--data <names>', 'data sets, comma-separated (default: those it is known for)')
    .option('--data-dir <folder>', 'where data sets are (default: INKLING_DATA, else the user data directory)')
    .option('--out <folder>', 'where the model goes (default: where the server looks for it)')
    .option('--record', `also keep the card beside the shipped one, so that it is not measured again`)
    .option('--json', 'print the card on standard output')
    .action(references)
}

async function references({ data, dataDir = dataDirectory(), out, record, json }: ReferencesOptions): Promise<void> {
  const shipped = join(SHIPPED_MODELS, MODEL)
  const known = knownReferences(shipped).at(0) ?? readCard(shipped)
  const names = data?.split(',').map((name) => name.trim()) ?? known.training.map(({ name }) => name)
  const folder = out ?? join(referencesRoot(), MODEL)
  const { card, files } = await makeReferences(await nodeBackends(), shipped, names, dataDir, console.error)
  saveModel(folder, files)
  if (record) recordCard(shipped, card)
  const drawings = card.drawings ? `, ${asPercent(card.drawings.accuracy)} on drawings` : ''
  console.error(
    `${card.name}: ${card.neighbours.references} references, ${asPercent(card.test.accuracy)} on test images${drawings}, ` +
      `SHA-256 ${card.weights.sha256}`,
  )
  if (json) console.log(JSON.stringify(card))
}

function recordCard(shipped: string, card: NeighboursCard): void {
  const others = knownReferences(shipped).filter(({ recipe }) => recipe.data !== card.recipe.data)
  writeWhole(join(shipped, REFERENCES_FILE), `${JSON.stringify([...others, card], null, 2)}\n`)
}
