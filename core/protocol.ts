/** The shapes that travel between server and clients as JSON. */

/** A drawing as pen strokes: each stroke a list of [x, y] points, y pointing down, in any unit. */
export type Strokes = readonly (readonly (readonly [number, number])[])[]

/** Body of `POST /api/v1/predict` when it is JSON: exactly one of the three. */
export type PredictRequest =
  | { readonly image: string } // data URL, image/png, base64
  | { readonly pixels: readonly number[] } // 784 numbers, 0..1, row-major 28x28
  | { readonly strokes: Strokes }

/** Where the time of one prediction went, all in ms. */
export interface Timing {
  readonly decode: number // request body to pixels
  readonly preprocess: number // pixels to 28x28
  readonly infer: number // 28x28 to probabilities
  readonly total: number
}

export interface PredictResponse {
  readonly id: string // names this prediction, for a later correction
  readonly model: string
  readonly version: number
  readonly digit: number // 0..9, the most probable
  readonly confidence: number // 0..1, its probability
  readonly probabilities: readonly number[] // 10 values, sum 1
  readonly samples?: number // how many passes with dropout were averaged; only with ?samples=
  readonly spread?: readonly number[] // 10 standard deviations of the probabilities over those passes
  readonly input?: readonly number[] // 784 bytes, what the model saw; only with ?input=1
  readonly timing: Timing
}

/** What one model says about a drawing that all were asked about. */
export type ModelAnswer =
  | {
      readonly model: string
      readonly version: number
      readonly digit: number
      readonly confidence: number
      readonly probabilities: readonly number[]
      readonly time: number // ms, 28x28 to probabilities; loading the model is not in it
    }
  | { readonly model: string; readonly problem: string } // why this model can't answer

/** Answer to `POST /api/v1/predict?model=all`. */
export interface PredictAllResponse {
  readonly id: string
  readonly answers: readonly ModelAnswer[]
  readonly input?: readonly number[]
  readonly timing: Timing
}

export interface ModelSummary {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly type: 'network' | 'neighbours' | 'forest'
  readonly parameters: number
  readonly accuracy: number // 0..1, MNIST test set
  readonly drawings?: number // 0..1, pen drawings of writers it was not trained on
  readonly bytes: number // of the weights file
  readonly memory: number // bytes it takes when loaded
  readonly state: 'loaded' | 'available'
  readonly dropout: boolean // whether ?samples= can be asked for
  readonly version: number
  readonly sha256: string // of the weights file
  readonly default: boolean
}

export interface ModelsResponse {
  readonly models: readonly ModelSummary[]
  readonly broken: readonly { readonly id: string; readonly problem: string }[] // folders that hold no usable model
}

export interface SystemResponse {
  readonly name: 'inkling'
  readonly version: string
  readonly backend: 'simd' | 'scalar' | 'ts'
  readonly selfTest: string // 'passed', or why a faster backend was passed over
  readonly node: string
  readonly arch: string
  readonly platform: string
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number } // bytes
  readonly uptime: number // s
  readonly predictions: number // answered since start
}

/** Body of every 4xx and 5xx answer, as application/problem+json (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
}
