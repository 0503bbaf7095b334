/** A drawing that was answered and what it really was: one thing the visitor teaches, on its way to the phone and back. */

import type { CorrectionResponse, Label, PredictResponse } from '../../core/protocol.ts'

/** A drawing as it was answered. */
export interface AnsweredDrawing {
  readonly revision: number // of the drawing
  readonly answer: PredictResponse // the phone's
  readonly body: Blob // what the phone was sent: a PNG, or strokes as JSON
  readonly input: Uint8Array // 784 bytes, what the model saw
}

export type CorrectionState =
  | { readonly kind: 'sending' }
  /** Sent again then; `status` is what the phone said, undefined where nobody answered. */
  | { readonly kind: 'waiting'; readonly status?: number | undefined; readonly seconds: number }
  | { readonly kind: 'kept'; readonly correction: CorrectionResponse }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly retryAfter?: number | undefined // s
    }
  | { readonly kind: 'withdrawing' } // taken back, but the phone does not know it yet
  | { readonly kind: 'withdrawn' }

export interface VisitorCorrection {
  readonly drawing: AnsweredDrawing
  readonly label: Label
  state: CorrectionState
}

/** Whether the correction says that the answer was right. */
export function confirms({ drawing, label }: Pick<VisitorCorrection, 'drawing' | 'label'>): boolean {
  return drawing.answer.digit === label
}

/** A name for a correction that nobody else gives. randomUUID is missing on plain http; this is not. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A picture as a data URL; undefined where it is not a PNG. */
export function dataUrl(body: Blob): Promise<string | undefined> {
  if (body.type !== 'image/png') return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => resolve(undefined)
    reader.readAsDataURL(body)
  })
}
