/**
 * Measures this browser on the page's main thread: the content security policy allows no worker. The work is cut into
 * slices that are short enough for drawing to stay smooth.
 */

import { benchmark } from '../../core/benchmark/benchmark.ts'
import { ESSENTIALS } from '../../core/benchmark/selection.ts'
import type { BenchmarkFactory } from '../../core/benchmark/task.ts'
import { messageOf } from '../../core/errors.ts'
import type { ModelFiles } from '../../core/models/source.ts'
import type { BenchmarkEnvironment, BenchmarkProgress, BenchmarkReport } from '../../core/protocol.ts'

/** Longest slice, ms. A single slow call may take longer. */
const SLICE = 12

export type BrowserBenchmarkState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'fetching'; readonly received: number; readonly bytes: number }
  | { readonly kind: 'measuring'; readonly progress: BenchmarkProgress }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'measured' }

export interface BrowserBenchmarkParts {
  /** Fetches the models, and reports how many of how many bytes have arrived. */
  models(progress: (received: number, bytes: number) => void, stopped: () => boolean): Promise<ModelFiles[]>
  /** The backends of this browser and plain JavaScript, and its description. */
  machine(): Promise<{ readonly backends: readonly BenchmarkFactory[]; readonly environment: BenchmarkEnvironment }>
  /** Lets the page handle events and paint. */
  yieldToPage(): Promise<void>
}

export class BrowserBenchmark {
  state: BrowserBenchmarkState = { kind: 'idle' }
  /** The report of the last run that was finished. */
  report: BenchmarkReport | undefined
  readonly #parts: BrowserBenchmarkParts
  readonly #changed: () => void
  #run = 0 // counts starts and stops: a run with an earlier number has been stopped

  constructor(parts: BrowserBenchmarkParts, changed: () => void) {
    this.#parts = parts
    this.#changed = changed
  }

  get busy(): boolean {
    return this.state.kind === 'fetching' || this.state.kind === 'measuring'
  }

  /** Starts a run, unless one is under way. */
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
      if (!stopped()) this.#enter({ kind: 'failed', reason: messageOf(error) })
    }
  }

  /** Stops the current run. The report of an earlier run stays. */
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
    for (let shown = ''; ; ) {
      await this.#parts.yieldToPage()
      if (stopped()) return undefined
      const { done, value } = run.next()
      if (done) return value
      if (value.work === shown) continue
      shown = value.work
      this.#enter({ kind: 'measuring', progress: value })
    }
  }

  #enter(state: BrowserBenchmarkState): void {
    this.state = state
    this.#changed()
  }
}
