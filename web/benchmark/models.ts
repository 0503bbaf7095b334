/** Fetches all models of the phone, so that this browser can be measured with them. */

import { parseCard } from '../../core/models/card.ts'
import { modelTensors } from '../../core/models/create-model.ts'
import { decodeTensors } from '../../core/models/safetensors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import { fetchCard, fetchModels, fetchWeights } from '../api/models.ts'
import type { Reply } from '../api/request.ts'

/**
 * Fetches the models one after the other. The browser caches the files, so a second time costs nothing.
 * @param progress called with the bytes received so far, and with the bytes of all models together
 * @param stopped whether the models are no longer wanted
 * @throws Error with a message for the visitor where the phone does not answer
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
    const report = (received: number) => progress(before + Math.min(received, bytes), all)
    const file = answered(await fetchWeights(id, card.weights.sha256, report))
    files.push({ card, data: decodeTensors(file, modelTensors(card)) })
    before += bytes
  }
  return files
}

function answered<Value>(reply: Reply<Value>): Value {
  if (reply.kind === 'ok') return reply.value
  throw new Error(reply.kind === 'refused' ? `the phone says: ${reply.detail}` : 'the phone is not answering')
}
