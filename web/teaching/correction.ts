/** A correction of this visitor: a drawing that was answered, what the visitor said it was, and the state of sending that. */

import type { CorrectionResponse, Label, PredictResponse } from '../../core/protocol.ts'

/** Everyone's answer to a drawing: the phone's, or this browser's, which has no id, while the phone has none. */
export type EveryonesAnswer = Omit<PredictResponse, 'id' | 'timing' | 'input'> & { readonly id?: string }

/** A drawing that was answered. */
export interface AnsweredDrawing {
  readonly revision: number // of the drawing
  readonly answer: EveryonesAnswer
  readonly shown: Label // the answer that the page shows: the visitor's own, where they have taught this browser
  readonly body: Blob // as sent to the phone: a PNG, or strokes as JSON
  readonly input: Uint8Array // 784 bytes, the model's input
}

export type CorrectionState =
  | { readonly kind: 'sending' }
  /** Until it is sent again. `status` is the phone's; undefined where the phone did not answer. */
  | { readonly kind: 'waiting'; readonly status?: number | undefined; readonly seconds: number }
  | { readonly kind: 'kept'; readonly correction: CorrectionResponse }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly retryAfter?: number | undefined // s
    }
  | { readonly kind: 'withdrawing' } // the phone has not confirmed it yet
  | { readonly kind: 'withdrawn' }

export interface VisitorCorrection {
  readonly drawing: AnsweredDrawing
  readonly label: Label
  state: CorrectionState
}

/** An answer as a label. A phone of an earlier version gives no verdict. */
export function answeredLabel({ digit, verdict }: Pick<PredictResponse, 'digit' | 'verdict'>): Label {
  return verdict === 'not-a-digit' ? verdict : (digit as Label)
}

/** Whether the correction says that everyone's answer was right. */
export function confirms({ drawing, label }: Pick<VisitorCorrection, 'drawing' | 'label'>): boolean {
  return answeredLabel(drawing.answer) === label
}

/** A unique key for a correction. Plain http has no randomUUID. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A PNG as a data URL; undefined for another type. */
export function dataUrl(body: Blob): Promise<string | undefined> {
  if (body.type !== 'image/png') return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => resolve(undefined)
    reader.readAsDataURL(body)
  })
}
