/** The best way to divide the pieces of a line into digits, by dynamic programming over where digits end. */

/** Pieces from..to-1 as a digit, and how well they make one. */
export interface Candidate {
  readonly from: number
  readonly to: number
  readonly score: number
}

/** The candidates that follow each other from the first to the last of `count` pieces with the largest sum; undefined if none do. */
export function bestPath<Kind extends Candidate>(candidates: readonly Kind[], count: number): Kind[] | undefined {
  const best = new Array<number>(count + 1).fill(-Infinity)
  const by = new Array<Kind | undefined>(count + 1)
  best[0] = 0
  // by where they begin: all ways to get there are known then
  for (const candidate of candidates.toSorted((a, b) => a.from - b.from)) {
    const sum = best[candidate.from] + candidate.score
    if (sum <= best[candidate.to]) continue
    best[candidate.to] = sum
    by[candidate.to] = candidate
  }
  const path: Kind[] = []
  for (let at = count; at > 0; ) {
    const candidate = by[at]
    if (!candidate) return undefined
    path.push(candidate)
    at = candidate.from
  }
  return path.reverse()
}
