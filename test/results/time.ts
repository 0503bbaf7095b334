/** Times calls on a noisy machine. */

const RUNS = 7 // of which the median counts
const LEAST = 10 // ms a run takes at least

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/** Microseconds of one call: median of RUNS runs of at least LEAST ms each. */
export function time(call: () => void): number {
  const run = (calls: number) => {
    const started = performance.now()
    for (let i = 0; i < calls; i++) call()
    return performance.now() - started
  }
  let calls = 1
  while (run(calls) < LEAST) calls *= 2
  return (median(Array.from({ length: RUNS }, () => run(calls))) / calls) * 1000
}

export function threeDigits(us: number): string {
  return us >= 100 ? us.toFixed(0) : us.toPrecision(3)
}
