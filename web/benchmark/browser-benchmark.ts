/**
 * Measures this browser, on the page's own thread: the page forbids itself scripts by address, of which a worker is one. So
 * the work is cut into slices, short enough for a pen to go on between them.
 */

import type { BackendFactory } from '../../core/backend/backend.ts'
import { benchmark } from '../../core/benchmark/benchmark.ts'
import { ESSENTIALS } from '../../core/benchmark/selection.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { BenchmarkEnvironment, BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'

/** ms of computing between two chances for the page to do something else; a single slow call may take longer. */
const SLICE = 12

export type BrowserBenchmarkState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'fetching'; readonly received: number; readonly bytes: number }
  | { readonly kind: 'measuring'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'measured' }

export interface BrowserBenchmarkParts {
  /** Brings the models, telling how many bytes have come of how many. */
  models(progress: (received: number, bytes: number) => void, stopped: () => boolean): Promise<ModelFiles[]>
  /** The backends that this browser has, and what it is. */
  machine(): Promise<{ readonly backends: readonly BackendFactory[]; readonly environment: BenchmarkEnvironment }>
  /** Lets the page do what is due. */
  yieldToPage(): Promise<void>
}

export class BrowserBenchmark {
  state: BrowserBenchmarkState = { kind: 'idle' }
  /** The last one that was finished. */
  report: BenchmarkReport | undefined
  readonly #parts: BrowserBenchmarkParts
  readonly #changed: () => void
  #run = 0 // counts starts and stops: who began earlier has been stopped

  constructor(parts: BrowserBenchmarkParts, changed: () => void) {
    this.#parts = parts
    this.#changed = changed
  }

  get busy(): boolean {
    return this.state.kind === 'fetching' || this.state.kind === 'measuring'
  }

  /** Begins, or does nothing where it has begun. */
  async start(): Promise<void> {
    if (this.busy) return
    const run = ++this.#run
    const stopped = () => this.#run !== run
    this.#enter({ kind: 'fetching', received: 0, bytes: 0 })
    try {
      const report = await this.#measure(stopped)
      if (!report || stopped()) return
      this.report = report
      this.#enter({ kind: 'measured' })
    } catch (error) {
      if (!stopped()) this.#enter({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Ends what is under way; the report of an earlier run stays. */
  stop(): void {
    if (!this.busy) return
    this.#run++
    this.#enter({ kind: 'stopped' })
  }

  async #measure(stopped: () => boolean): Promise<BenchmarkReport | undefined> {
    const models = await this.#parts.models((received, bytes) => {
      if (!stopped()) this.#enter({ kind: 'fetching', received, bytes })
    }, stopped)
    if (stopped()) return undefined
    const { backends, environment } = await this.#parts.machine()
    const clock = () => performance.now()
    const options = { backends, models, environment, clock, quick: true, only: ESSENTIALS, slice: SLICE }
    const run = benchmark(options)
    for (let told = ''; ; ) {
      await this.#parts.yieldToPage()
      if (stopped()) return undefined
      const { done, value } = run.next()
      if (done) return value
      if (value.work === told) continue
      told = value.work
      this.#enter({ kind: 'measuring', progress: value })
    }
  }

  #enter(state: BrowserBenchmarkState): void {
    this.state = state
    this.#changed()
  }
}
