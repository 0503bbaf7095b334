/** All models of the phone, brought here to be measured. */

import { parseCard } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { decodeTensors } from '../../core/models/safetensors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { fetchCard, fetchModels, fetchWeights } from '../api/models.ts'
import type { Reply } from '../api/request.ts'

/**
 * Fetches them one after the other; the browser keeps the files, so a second time costs nothing.
 * @param progress told of bytes, of all models together
 * @param stopped whether they are not wanted any more
 * @throws Error with a sentence where the phone does not answer
 */
export async function fetchAllModels(
  progress: (received: number, bytes: number) => void,
  stopped: () => boolean,
): Promise<ModelFiles[]> {
  const { models } = answered(await fetchModels())
  const all = models.reduce((sum, { bytes }) => sum + bytes, 0)
  const files: ModelFiles[] = []
  let before = 0
  for (const { id, bytes } of models) {
    if (stopped()) break
    progress(before, all)
    const card = parseCard(answered(await fetchCard(id)))
    const hear = (received: number) => progress(before + Math.min(received, bytes), all)
    const file = answered(await fetchWeights(id, card.weights.sha256, hear))
    files.push({ card, data: decodeTensors(file, modelTensors(card)) })
    before += bytes
  }
  return files
}

function answered<Value>(reply: Reply<Value>): Value {
  if (reply.kind === 'ok') return reply.value
  throw new Error(reply.kind === 'refused' ? `the phone says: ${reply.detail}` : 'the phone is not answering')
}
