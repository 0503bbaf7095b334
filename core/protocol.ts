/** The shapes that travel between server and clients as JSON. */

/** Id of a model. */
export const MODEL_ID = /^[a-z0-9][a-z0-9-]{0,62}$/

/** What `?model=` says of a prediction by every model; no model may have it as its id. */
export const ALL_MODELS = 'all'

/** A drawing as pen strokes: each stroke a list of [x, y] points, y pointing down, in any unit. */
export type Strokes = readonly (readonly (readonly [number, number])[])[]

/** Body of `POST /api/v1/predict` when it is JSON: exactly one of the three. */
export type PredictRequest =
  | { readonly image: string } // data URL, image/png, base64
  | { readonly pixels: readonly number[] } // 784 numbers, 0..1, row-major 28x28
  | { readonly strokes: Strokes }

/** What a model makes of a drawing: a digit, perhaps one, or none. */
export type Verdict = 'digit' | 'unsure' | 'not-a-digit'

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
  readonly verdict: Verdict
  readonly other: number // 0..1, how likely it is no digit; 0 from a model that knows digits only
  readonly probabilities: readonly number[] // 10 values, sum 1: the digits among themselves
  readonly samples?: number // passes with dropout that were averaged; only with ?samples=
  readonly spread?: readonly number[] // 10 standard deviations of the probabilities over those passes
  readonly input?: readonly number[] // 784 bytes, the input of the model; only with ?input=1
  readonly timing: Timing
}

/** The answer of one of all models to a drawing. */
export type ModelAnswer =
  | {
      readonly model: string
      readonly version: number
      readonly digit: number
      readonly confidence: number
      readonly verdict: Verdict
      readonly other: number
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
  readonly type: 'network' | 'neighbours' | 'forest' | 'boosted'
  readonly parameters: number
  readonly accuracy: number // 0..1, MNIST test set
  readonly drawings?: number // 0..1, pen drawings of writers it was not trained on
  readonly bytes: number // of the weights file
  readonly memory: number // bytes it takes when loaded
  readonly state: 'loaded' | 'available'
  readonly dropout: boolean // whether it answers ?samples=
  readonly version: number
  readonly sha256: string // of the weights file
  readonly default: boolean
  readonly learned?: { readonly before: number; readonly after: number } // 0..1, on the gate's images; of a version that was learned
}

export interface ModelsResponse {
  readonly models: readonly ModelSummary[]
  readonly broken: readonly { readonly id: string; readonly problem: string }[] // folders that hold no usable model
}

export interface SystemResponse {
  readonly name: 'inkling'
  readonly version: string
  readonly backend: 'simd' | 'scalar' | 'ts'
  readonly selfTest: string // 'passed', or why a faster backend was not chosen
  readonly node: string
  readonly arch: string
  readonly platform: string
  readonly memory: {
    readonly rss: number // bytes, as the others
    readonly heapUsed: number
    readonly heapLimit: number // of V8's heap
    readonly external: number
  }
  readonly uptime: number // s
  readonly predictions: number // answered since the start
  readonly addresses: readonly string[] // URLs for other devices, the most likely first; told only to the machine itself
}

/** Body of every 4xx and 5xx answer, as application/problem+json (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
}

/** What a drawing really is: a digit, or none at all. */
export type Label = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 'not-a-digit'

/** Body of `POST /api/v1/corrections`. To confirm an answer, its own digit is the label. */
export type CorrectionRequest =
  | { readonly predictionId: string; readonly label: Label }
  | { readonly image: string; readonly label: Label; readonly model?: string } // data URL, image/png, base64

/** Answer to `POST /api/v1/corrections`: it is on disk now. */
export interface CorrectionResponse {
  readonly id: string // for `DELETE /api/v1/corrections/{id}`
  readonly label: Label
  readonly model: string // whose answer was corrected
  readonly version: number
  readonly answer: number // 0..9, the answer
  readonly confirmed: boolean // whether the answer is the label
  readonly learning: readonly string[] // ids of the models that will learn from it; none where learning is off
}

/**
 * What was made of a correction: nothing yet; models learned from it; no model finds it plausible; the gate refused what was
 * learned; or it is held back until somebody else or the owner agrees.
 */
export type CorrectionUse = 'waiting' | 'learned' | 'implausible' | 'undecided' | 'held'

/** An item of `GET /api/v1/corrections`, for the owner. */
export interface CorrectionSummary extends Omit<CorrectionResponse, 'learning'> {
  readonly use: CorrectionUse
  readonly held: boolean
  readonly approved: boolean // by the owner
  readonly from?: number // number of the sender; none where it was the owner
  readonly at: string // ISO 8601
  readonly bytes: number // of the PNG
}

/** Answer to `GET /api/v1/corrections`, the newest first; `?before=` the id of the last goes on from there. */
export interface CorrectionsResponse {
  readonly corrections: readonly CorrectionSummary[]
}

/** How well a model does on the gate's images. */
export interface GateScore {
  readonly accuracy: number // 0..1
  readonly perClass: readonly number[] // recall of each digit, 0..1
  readonly digitsKept?: number // 0..1, share of the digits that are not turned away; of a model that knows what is no digit
  readonly othersTurnedAway?: number // 0..1, share of what is no digit
}

/** The comparison of a candidate with the shipped model, which decides whether the candidate is served. */
export interface GateReport {
  readonly set: string // the images: 'replay' for generated digits, otherwise the name of a data set
  readonly images: number
  readonly shipped: GateScore
  readonly candidate: GateScore
  /** Largest losses allowed, 0..1: of `accuracy`, of a value of `perClass`, of `digitsKept` and of `othersTurnedAway`. */
  readonly limits: {
    readonly overall: number
    readonly worstClass: number
    readonly digits?: number
    readonly others?: number
  }
  readonly passed: boolean
  readonly reason: string // in words
}

/** A try within a round: how far from the shipped weights to the trained ones, and the decision of the gate. */
export interface GateTry {
  readonly share: number // 0..1 of the distance; 1 is all that was learned
  readonly gate: GateReport
}

/** A finished round of learning of one model. */
export interface RoundReport {
  readonly round: number // from 1, over all models
  readonly model: string
  readonly parent: number // version that was served
  readonly verdict: 'promoted' | 'refused' | 'unchanged' | 'stopped' | 'failed' // unchanged: nothing plausible to learn from
  readonly version?: number // of the new one, when promoted
  readonly share?: number // 0..1 of what was learned, when promoted
  /** Drawings of the round; `held`: those that count once somebody else or the owner agrees. */
  readonly lessons: { readonly learned: number; readonly implausible: number; readonly held?: number }
  readonly right?: { readonly before: number; readonly after: number } // learned drawings with the right answer
  readonly gate?: GateReport // of the last try
  readonly tries?: readonly GateTry[]
  readonly reason: string // in words
  readonly seconds: number
  readonly at: string // ISO 8601, when it ended
}

/** A round under way. */
export interface RoundProgress {
  readonly round: number
  readonly model: string
  readonly phase: 'preparing' | 'training' | 'gate'
  readonly step: number // done
  readonly steps: number // in all; fewer may do
  readonly loss?: number // mean cross-entropy of the corrections, nats
  readonly accuracy?: number // 0..1, of the corrections
  readonly lessons: number
}

/** Why a phone that has something to learn does not learn now, and when it will. */
export interface LearningWait {
  readonly reason: 'not-charging' | 'low' | 'hot' | 'unknown' // of the battery
  readonly message: string // in words, with the setting that changes it
  readonly charge?: number // 0..100 %
  readonly temperature?: number // degrees Celsius
  /** The charge learning needs, %, and the temperatures of the battery at which it starts and stops, degrees Celsius. */
  readonly limits: { readonly charge: number; readonly starts: number; readonly stops: number }
}

/** Answer to `GET /api/v1/training`. */
export interface TrainingResponse {
  readonly state: 'idle' | 'training' | 'off'
  readonly reason?: string // why it is off
  readonly round?: RoundProgress
  readonly learningWaits?: LearningWait // while something is due that the phone may not learn now
  readonly waiting: number // corrections that no round has used yet
  readonly held?: number // corrections that are held back until somebody else or the owner agrees
  readonly holds?: readonly string[] // models that learn only from the owner since a rollback
  readonly corrections: number // that are stored
  readonly models: readonly string[] // that learn
  readonly rounds: readonly RoundReport[] // the last twenty, newest first
}

/** What `GET /api/v1/training/events` sends: `event:` is the type, `data:` the rest as JSON, `id:` counts. */
export type TrainingEvent =
  | { readonly type: 'correction'; readonly id?: string; readonly waiting: number } // one was stored or deleted
  | ({ readonly type: 'started' } & RoundProgress)
  | ({ readonly type: 'step' } & RoundProgress)
  | ({ readonly type: 'gate'; readonly round: number; readonly model: string } & GateTry)
  | ({ readonly type: 'finished' } & RoundReport)
  | {
      readonly type: 'served' // another version answers from now on
      readonly model: string
      readonly version: number
      readonly before: number
      readonly why: 'promoted' | 'rolled-back' | 'live'
      readonly reason: string
    }
  | ({ readonly type: 'waits' } & LearningWait) // learning waits from now on, or for another reason than before
  | { readonly type: 'continues' } // nothing waits any more

/** A version of a model; version 1 is the shipped one, which is always kept. */
export interface VersionSummary {
  readonly version: number
  readonly served: boolean
  readonly available: boolean // whether its weights are kept, so that a rollback to it is possible
  readonly parent?: number
  readonly sha256: string // of the weights file
  readonly bytes: number
  readonly at?: string // ISO 8601; the shipped one has none
  readonly round?: RoundReport
  /** How well it did on the drawings that were corrected since it was made, and the shipped one on the same drawings. */
  readonly live?: { readonly judged: number; readonly right: number; readonly shippedRight: number }
}

/** Answer to `GET /api/v1/models/{m}/versions`, newest first. */
export interface VersionsResponse {
  readonly model: string
  readonly served: number
  /** Since a rollback, until the owner ends it by `POST /api/v1/models/{m}/resume`: how many corrections it holds back. */
  readonly hold?: { readonly corrections: number; readonly message: string }
  readonly versions: readonly VersionSummary[]
}

/** Body of `POST /api/v1/models/{m}/rollback`; the version before the served one unless named. */
export interface RollbackRequest {
  readonly version?: number
}

/** Time of one call, µs, over samples of one or more calls each. */
export interface BenchmarkTime {
  readonly median: number
  readonly p99: number // 99th percentile
  readonly fastest: number
  readonly samples: number
}

/** What a benchmark compares: the backends, and plain JavaScript that need not give their bits. */
export type BenchmarkColumn = 'simd' | 'scalar' | 'ts' | 'plain'

/** The same work in each column there is. */
export type BenchmarkTimes = Readonly<Partial<Record<BenchmarkColumn, BenchmarkTime>>>

/** One kernel on one shape. */
export interface BenchmarkKernel {
  readonly kernel: string
  readonly title: string // kernel, shape, input
  readonly work: number // multiply-adds of one call, or elements; those that are skipped because a pixel is zero are not counted
  readonly unit: 'multiply-adds' | 'elements'
  readonly times: BenchmarkTimes
  readonly gflops?: number // of multiply-adds, on the fastest backend, two for each
  readonly share?: number // of the peak, 0..1
}

/** One model on one image, from 784 bytes to ten probabilities. */
export interface BenchmarkModel {
  readonly model: string // id
  readonly name: string
  readonly type: 'network' | 'neighbours' | 'forest' | 'boosted'
  readonly memory: number // bytes it takes when loaded
  readonly multiplyAdds?: number // of a network, for one image without a zero pixel
  readonly times: BenchmarkTimes
}

/** A network on many images at once, on the fastest backend. */
export interface BenchmarkBatch {
  readonly model: string
  readonly images: number
  readonly pass: number // images that go through the layers together: a large batch takes several passes
  readonly time: BenchmarkTime // of all images
  readonly perSecond: number // images
}

/** A step of training on a minibatch, on the fastest backend: forward, backward and the optimizer. */
export interface BenchmarkTraining {
  readonly model: string
  readonly optimizer: string
  readonly images: number // of the minibatch
  readonly time: BenchmarkTime // of the step
  readonly plain?: BenchmarkTime // the same step in plain JavaScript
  readonly perImage: number // µs
}

/** Whether the machine kept its speed: a fixed piece of work is timed at the start, now and then, and at the end. */
export interface BenchmarkDrift {
  readonly checks: readonly { readonly seconds: number; readonly gflops: number }[] // since the start
  readonly loss: number // 0..1: how far two checks in a row fell, at worst, below the best before
  readonly throttled: boolean // whether that is more than noise: from heat, a battery, or other work on the machine
}

/** The machine and the program that were measured. */
export interface BenchmarkEnvironment {
  readonly program: string // version of this program
  readonly kernels?: string // SHA-256 of the compiled builds, where they are files
  readonly runtime: string // 'Node 24.21.0', or a browser's name
  readonly engine?: string // 'V8 13.6.233.17'
  readonly device?: string // as its owner names it, else its processor
  readonly cpu?: string // as the system names it, where it does
  readonly cores?: number
  readonly arch?: string
  readonly platform?: string
  readonly memory?: number // bytes of the machine
  readonly selfTest: string // 'passed', or why a backend is missing
}

/** Everything `inkling bench` measures. */
export interface BenchmarkReport {
  readonly format: 1
  readonly at: string // ISO 8601, when it began
  readonly seconds: number
  readonly quick: boolean
  readonly environment: BenchmarkEnvironment
  readonly backends: readonly BenchmarkColumn[] // measured, the fastest first; plain JavaScript last
  readonly peak: Readonly<Partial<Record<BenchmarkColumn, number>>> // multiplications and additions without memory, GFLOP/s
  readonly kernels: readonly BenchmarkKernel[]
  readonly models: readonly BenchmarkModel[]
  readonly batches: readonly BenchmarkBatch[]
  readonly training: readonly BenchmarkTraining[]
  readonly drift: BenchmarkDrift
  readonly memory?: { readonly before: number; readonly most: number } // bytes the process took
  readonly processor?: number // 0..1, share of the time in which the benchmark had a core; far below 1, other work disturbed it
}

/** How much of a benchmark is done. */
export interface BenchmarkProgress {
  readonly done: number // works measured
  readonly works: number
  readonly work: string // title of the work under way
}

/** Answer to `GET /api/v1/benchmark`: how fast the phone is by its own measurement; 202 while it is not finished. */
export type BenchmarkResponse =
  | { readonly state: 'measured'; readonly report: BenchmarkReport }
  | ({ readonly state: 'measuring' } & BenchmarkProgress)
  | { readonly state: 'waiting'; readonly reason: string } // why it waits, such as for a round of learning
  | { readonly state: 'failed'; readonly reason: string }
