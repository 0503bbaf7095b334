/** The contract of the models that are not networks: nearest neighbours, forests and boosted trees. All are exact, on integers. */

export interface ClassicalKernels {
  /**
   * Gradient direction features of one picture: f = min(255, floor(sqrt(floor(sums / 512)))), with
   * sums[v,h,c] = sum over inner pixels of weight_v(y) weight_h(x) magnitude_c. The gradient (gx, gy) is Sobel's. It is split
   * into the two nearest of eight directions c, 45 degrees apart, the first along +x: max - min of (|gx|, |gy|) for the axis
   * and floor(181/128 min) for the diagonal. weight_v is a tent of height 56 and half-width 5.6 px around the centre of the
   * v-th of five equal zones.
   * f u8[5,5,8], sums i32[5,5,8], x u8[28,28]. All values stay below 2^28.
   * Decomposition: Liu, Nakashima, Sako, Fujisawa 2003; root: the same, after Wakabayashi 1993.
   */
  directions(f: number, sums: number, x: number): void

  /**
   * d[r] = sum over l of (q[l] - references[r,l])^2.
   * d i32[R], q u8[L], references u8[R,L]; L at most 33,000, so that nothing overflows.
   */
  distances(d: number, q: number, references: number, R: number, L: number): void

  /**
   * Positions of the k smallest of d, the smallest first; of equals the first.
   * index i32[k], d i32[R]; 1 <= k <= R.
   */
  nearest(index: number, d: number, R: number, k: number): void

  /**
   * The split with the lowest Gini impurity: over the candidates in their order, over thresholds ascending, the first that
   * makes score = f64(sum over classes of left^2) / left + f64(sum over classes of right^2) / right largest. left and right
   * count the samples whose level is at most the threshold, and above it. A level is the high four bits of a feature's byte.
   * A threshold is half-way, rounded down, between two levels that occur.
   * best i32[2] = position in the list of candidates and threshold, 16 level + 15, or -1 and 0 where no candidate has two
   * levels; histogram i32[18,16] is scratch, columns u8[F,L] with low four bits zero, candidates i32[K] below F, samples
   * i32[n] = 16 image + label, labels below 12; n at most 2^26.
   * The sums of squares are exact, below 2^53; the two quotients and their sum round to f64 once each.
   * Breiman, Friedman, Olshen, Stone 1984; by histograms: Alsabti, Ranka, Singh 1998.
   */
  splitSearch(
    best: number,
    histogram: number,
    columns: number,
    candidates: number,
    samples: number,
    L: number,
    K: number,
    n: number,
  ): void

  /**
   * The votes of T trees: votes[n] = sum over trees of the leaf that row n of the features ends in.
   * votes i32[N,C], f u8[N,F], splits u16[S,3] = 256 feature + threshold, reference if the feature is not above the threshold,
   * reference if it is; roots i32[T], each tree's first split; leaves u8[D,C]. A reference below 32,768 is a split, counted
   * from the tree's first, and must be a later one, so that every walk ends; others are leaf + 32,768.
   * Breiman 2001.
   */
  forestVotes(
    votes: number,
    f: number,
    splits: number,
    roots: number,
    leaves: number,
    N: number,
    F: number,
    T: number,
    C: number,
  ): void

  /**
   * For each candidate feature and bin, the sums of the hessians and of the gradients of the samples in the bin.
   * A bin is the high six bits of a feature's byte.
   * histogram i32[K,64,2] = sums of hessians and of gradients; rows u8[L,F], candidates i32[K] below F, samples i32[n] below L,
   * gradients i32[n,2] = hessian and gradient of each sample. Hessians are not negative; n times the largest magnitude of either
   * is below 2^31.
   * By histograms: Ranka, Singh 1998; sums of gradients: Chen, Guestrin 2016; as integers: Shi et al. 2022.
   */
  gradientHistogram(
    histogram: number,
    rows: number,
    candidates: number,
    samples: number,
    gradients: number,
    F: number,
    K: number,
    n: number,
  ): void

  /**
   * Adds the leaves of T trees to scores: scores[n, t mod C] += the leaf of tree t that row n of the features ends in.
   * scores i32[N,C], f u8[N,F], splits u8[S,4] = feature, threshold, reference if the feature is not above the threshold, reference
   * if it is; roots i32[T], each tree's first split, ascending; leaves i16[S + T], at a multiple of 2, those of tree t from roots[t] + t on. A reference
   * below 128 is a split, counted from the tree's first, and must be a later one, so that every walk ends; others are leaf + 128.
   * Every tree has one leaf more than splits. Sums wrap at 2^31.
   * Friedman 2001.
   */
  boostedScores(
    scores: number,
    f: number,
    splits: number,
    roots: number,
    leaves: number,
    N: number,
    F: number,
    T: number,
    C: number,
  ): void
}

export const CLASSICAL_KERNELS: Readonly<Record<keyof ClassicalKernels, true>> = {
  directions: true,
  distances: true,
  nearest: true,
  splitSearch: true,
  forestVotes: true,
  gradientHistogram: true,
  boostedScores: true,
}
