/** Work that comes in pieces, done without a pause: where nothing else waits, or the work is known to be small. */

/** What `work` returns. */
export function atOnce<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
