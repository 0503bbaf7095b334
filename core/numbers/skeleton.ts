/** Ink on a grid as lines: its skeleton in segments between the places where lines meet. */

/** A grid of cells, row-major, 1 where there is ink. */
export interface Mask {
  readonly width: number // cells
  readonly height: number // cells
  readonly ink: Uint8Array
}

/** Where two lines run this much beside each other that they are one to the eye, in widths of the pen: the thickness of the ink there. */
const BESIDE = 1.24

/** Where a segment ends. */
export interface End {
  readonly segment: number
  readonly cell: number
}

/** Parts of a skeleton. */
export interface Segments {
  readonly count: number
  /** The segment of each cell of ink: that whose skeleton is the nearest. -1 where there is none. */
  readonly of: Int32Array
  /** The joint that each cell is in, where segments meet; -1 in none. */
  readonly joint: Int32Array
  /** The ends of segments at each joint. */
  readonly ends: readonly (readonly End[])[]
  readonly half: number // of the pen's width, cells
  /** Cells of the skeleton of each segment, as indices. */
  readonly lines: readonly (readonly number[])[]
}

/** The segments of ink. */
export function segmentsOf(mask: Mask): Segments {
  // paper around it saves looking for the edges of the grid
  const { ink, stride, inner } = framed(mask)
  const skeleton = thin(ink, stride)
  const depth = depths(ink, stride)
  const around = [-stride, -stride + 1, 1, stride + 1, stride, stride - 1, -1, -stride - 1]

  const near = new Uint8Array(ink.length) // the skeleton in and beside crossings
  for (let p = stride; p < ink.length - stride; p++) {
    if (skeleton[p] && isCrossing(skeleton, p, around)) {
      near[p] = 1
      for (const step of around) near[p + step] = skeleton[p + step]
    }
  }
  const crossing = label(near, around)
  const line = label(
    skeleton.map((value, p) => (value && !near[p] ? 1 : 0)),
    around,
  )

  // short lines between crossings, and two lines in one, belong to all that meets at their ends
  const ends = line.cells.map((cells) => {
    const found = new Set<number>()
    for (const p of cells) for (const step of around) if (crossing.of[p + step] >= 0) found.add(crossing.of[p + step])
    return [...found]
  })
  const levels = line.cells.flatMap((cells) => cells.map((p) => depth[p])).sort((a, b) => a - b)
  const half = levels[levels.length >> 1] ?? 1
  const root = crossing.cells.map((_, k) => k)
  const find = (k: number): number => {
    let at = k
    while (root[at] !== at) {
      root[at] = root[root[at]] // halves the path on the way
      at = root[at]
    }
    return at
  }
  const shared = line.cells.map((cells, k) => {
    if (ends[k].length < 2) return false
    const thickness = cells.reduce((sum, p) => sum + depth[p], 0) / cells.length
    if (cells.length > 2 * half && thickness < BESIDE * half) return false
    root[find(ends[k][1])] = find(ends[k][0])
    return true
  })

  const own = line.cells.map(() => -1)
  const lines: number[][] = []
  const meets: End[][] = crossing.cells.map(() => [])
  line.cells.forEach((cells, k) => {
    if (shared[k]) return
    own[k] = lines.length
    for (const p of cells) {
      const end = around.map((step) => crossing.of[p + step]).find((at) => at >= 0)
      if (end !== undefined) meets[find(end)].push({ segment: lines.length, cell: inner(p) })
    }
    lines.push(cells.map(inner))
  })

  const seeds = line.of.map((k) => (k < 0 ? -1 : shared[k] ? line.cells.length + find(ends[k][0]) : k))
  for (const [k, cells] of crossing.cells.entries()) for (const p of cells) seeds[p] = line.cells.length + find(k)
  const nearest = spread(seeds, ink, around)
  const of = new Int32Array(mask.ink.length).fill(-1)
  const joint = new Int32Array(mask.ink.length).fill(-1)
  for (let p = 0; p < ink.length; p++) {
    const k = nearest[p]
    if (k < 0) continue
    if (k < line.cells.length) of[inner(p)] = own[k]
    else joint[inner(p)] = k - line.cells.length
  }
  // the ink of a joint reaches as far as the paper
  for (const [k, cells] of crossing.cells.entries()) {
    for (const p of cells) {
      const reach = Math.floor(depth[p])
      for (let y = -reach; y <= reach; y++) {
        for (let x = -reach; x <= reach; x++) {
          const q = p + y * stride + x
          if (x * x + y * y <= depth[p] * depth[p] && ink[q]) joint[inner(q)] = find(k)
        }
      }
    }
  }
  return { count: lines.length, of, joint, ends: meets, half, lines }
}

function framed({ width, height, ink }: Mask): { ink: Uint8Array; stride: number; inner: (p: number) => number } {
  const stride = width + 2
  const result = new Uint8Array(stride * (height + 2))
  for (let y = 0; y < height; y++) result.set(ink.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1)
  return { ink: result, stride, inner: (p) => (Math.floor(p / stride) - 1) * width + (p % stride) - 1 }
}

/** One cell wide lines in the middle of ink (Zhang, Suen 1984). */
function thin(ink: Uint8Array, stride: number): Uint8Array {
  const skeleton = ink.slice()
  const around = [-stride, -stride + 1, 1, stride + 1, stride, stride - 1, -1, -stride - 1]
  let cells: number[] = []
  for (let p = 0; p < ink.length; p++) if (ink[p]) cells.push(p)
  for (let changed = true; changed; ) {
    changed = false
    for (const first of [true, false]) {
      const gone: number[] = []
      for (const p of cells) {
        let [count, turns] = [0, 0]
        for (let k = 0; k < 8; k++) {
          const value = skeleton[p + around[k]]
          count += value
          if (!value && skeleton[p + around[(k + 1) & 7]]) turns++
        }
        if (count < 2 || count > 6 || turns !== 1) continue
        const [up, right, down, left] = [skeleton[p - stride], skeleton[p + 1], skeleton[p + stride], skeleton[p - 1]]
        if (first ? right & down & (up | left) : up & left & (right | down)) continue
        gone.push(p)
      }
      for (const p of gone) skeleton[p] = 0
      if (gone.length > 0) {
        changed = true
        cells = cells.filter((p) => skeleton[p])
      }
    }
  }
  return skeleton
}

/** How far each cell of ink is from the nearest paper, cells, about. */
function depths(ink: Uint8Array, stride: number): Float64Array {
  const far = Float64Array.from(ink, (value) => (value ? Infinity : 0))
  const steps = [
    [-1, 1],
    [-stride, 1],
    [-stride - 1, Math.SQRT2],
    [-stride + 1, Math.SQRT2],
  ]
  for (let p = stride + 1; p < far.length; p++) {
    if (far[p] > 0) for (const [step, cost] of steps) far[p] = Math.min(far[p], far[p + step] + cost)
  }
  for (let p = far.length - stride - 2; p >= 0; p--) {
    if (far[p] > 0) for (const [step, cost] of steps) far[p] = Math.min(far[p], far[p - step] + cost)
  }
  return far
}

/** Whether three lines or more leave a cell of a skeleton, or it is one of four in a square. */
function isCrossing(skeleton: Uint8Array, p: number, around: readonly number[]): boolean {
  let turns = 0
  for (let k = 0; k < 8; k++) {
    if (!skeleton[p + around[k]] && skeleton[p + around[(k + 1) & 7]]) turns++
  }
  if (turns >= 3) return true
  for (let k = 0; k < 8; k += 2) {
    if (skeleton[p + around[k]] && skeleton[p + around[k + 1]] && skeleton[p + around[(k + 2) & 7]]) return true
  }
  return false
}

/** The connected cells of a mask, by number. */
function label(mask: Uint8Array, around: readonly number[]): { of: Int32Array; cells: number[][] } {
  const of = new Int32Array(mask.length).fill(-1)
  const cells: number[][] = []
  for (let p = 0; p < mask.length; p++) {
    if (!mask[p] || of[p] >= 0) continue
    const own = [p]
    of[p] = cells.length
    for (let k = 0; k < own.length; k++) {
      for (const step of around) {
        const q = own[k] + step
        if (!mask[q] || of[q] >= 0) continue
        of[q] = cells.length
        own.push(q)
      }
    }
    cells.push(own)
  }
  return { of, cells }
}

/** Gives each cell of ink the number of the seed that is the fewest steps away through ink. */
function spread(seeds: Int32Array, ink: Uint8Array, around: readonly number[]): Int32Array {
  const of = seeds.slice()
  const queue: number[] = []
  for (let p = 0; p < of.length; p++) if (of[p] >= 0) queue.push(p)
  for (let k = 0; k < queue.length; k++) {
    for (const step of around) {
      const q = queue[k] + step
      if (!ink[q] || of[q] >= 0) continue
      of[q] = of[queue[k]]
      queue.push(q)
    }
  }
  return of
}
