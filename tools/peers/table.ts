/** Compares Inkling with other libraries: the figures from the records of a run, and their table. */

import { head, line } from '../generated-tables.ts'

/** A line of the benchmark's results. The last of several lines for one peer and task counts. */
export interface PeerRecord {
  readonly peer: string
  readonly work: string
  readonly metric: string
  readonly value: number | null
  readonly unit: string
}

interface Peers {
  readonly wasm: readonly string[]
  readonly native: readonly string[]
}

interface Work {
  readonly title: string
  readonly work: string
  readonly metric: string
  readonly unit: string
  readonly scale: number // from the record's unit to the table's
  readonly less: boolean // whether less is better
}

const single = (title: string, work: string): Work => ({
  title: `${title}, one image`,
  work,
  metric: 'latency_median',
  unit: 'µs',
  scale: 1,
  less: true,
})
const batch = (title: string, work: string): Work => ({
  title: `${title}, batches of 256`,
  work: `${work}/b256`,
  metric: 'throughput',
  unit: 'k/s',
  scale: 1e-3,
  less: false,
})
const epoch = (title: string, work: string): Work => ({
  title: `${title}, an epoch in batches of 100`,
  work,
  metric: 'epoch',
  unit: 's',
  scale: 1,
  less: true,
})

const WORKS: readonly Work[] = [
  single('softmax', 'lr'),
  single('784-200-10', 'mlpB'),
  single('CNN 16-32-128', 'cnn'),
  batch('softmax', 'lr'),
  batch('784-200-10', 'mlpB'),
  batch('CNN 16-32-128', 'cnn'),
  {
    title: 'import to first answers, softmax and CNN',
    work: 'lr+cnn',
    metric: 'first_answer',
    unit: 'ms',
    scale: 1,
    less: true,
  },
  epoch('softmax with SGD', 'lr/sgd/b100'),
  epoch('784-200-10 with Adam', 'mlpB/adam/b100'),
  epoch('CNN 16-32-128 with Adam', 'cnn/adam/b100'),
  {
    title: '784-5-10 with Adam, 200 epochs in batches of 6000',
    work: 'mlpA/adam/b6000',
    metric: '200_epochs',
    unit: 's',
    scale: 1,
    less: true,
  },
  {
    title: 'three nearest of 60,000 pictures',
    work: 'knn/k3/60k',
    metric: 'latency_median',
    unit: 'ms',
    scale: 1e-3,
    less: true,
  },
  { title: 'growing 100 trees on 60,000', work: 'rf/100trees/60k', metric: 'train', unit: 's', scale: 1, less: true },
  {
    title: 'one answer of 100 trees',
    work: 'rf/100trees/60k',
    metric: 'latency_median',
    unit: 'µs',
    scale: 1,
    less: true,
  },
]

/** One task: the figures of the best peer of each kind, and of Inkling. */
export interface PeerFigures {
  readonly title: string
  readonly unit: string
  readonly wasm: PeerFigure | null // null if none does this task
  readonly native: PeerFigure | null
  readonly inkling: number
  readonly faster: { readonly wasm: number | null; readonly native: number | null } // times
}

interface PeerFigure {
  readonly value: number
  readonly peer: string
}

/** Each task with the best WebAssembly peer, the best native peer, Inkling, and the comparison. */
export function peerFigures(records: readonly PeerRecord[], { wasm, native }: Peers): PeerFigures[] {
  return WORKS.map((work) => {
    const inkling = best(records, work, ['inkling'])
    if (!inkling) throw new Error(`no record of Inkling's ${work.work} ${work.metric}`)
    const [others, natives] = [best(records, work, wasm), best(records, work, native)]
    const faster = (other: PeerFigure | undefined) =>
      other ? Number(digits(ratio(work, other.value, inkling.value))) : null
    const shown = (other: PeerFigure | undefined) => (other ? { ...other, value: Number(digits(other.value)) } : null)
    return {
      title: work.title,
      unit: work.unit,
      wasm: shown(others),
      native: shown(natives),
      inkling: Number(digits(inkling.value)),
      faster: { wasm: faster(others), native: faster(natives) },
    }
  })
}

export function peerTable(works: readonly PeerFigures[]): string[] {
  return [
    ...head('work', 'best other WebAssembly', 'best native', 'Inkling', 'faster than WebAssembly', 'than native'),
    ...works.map(({ title, unit, wasm, native, inkling, faster }) => {
      const cells = [wasm, native].map((other) => (other ? `${digits(other.value)} ${unit}, ${other.peer}` : '–'))
      const times = [faster.wasm, faster.native].map((one) => (one === null ? '–' : `${digits(one)} times`))
      return line(title, ...cells, `${digits(inkling)} ${unit}`, ...times)
    }),
  ]
}

function best(records: readonly PeerRecord[], work: Work, peers: readonly string[]) {
  const found = peers.flatMap((peer) => {
    const last = records.filter((r) => r.peer === peer && r.work === work.work && r.metric === work.metric).at(-1)
    return last?.value ? [{ peer, value: last.value * work.scale }] : []
  })
  return found.sort((a, b) => (work.less ? a.value - b.value : b.value - a.value))[0]
}

function ratio({ less }: Work, theirs: number, ours: number): number {
  return less ? theirs / ours : ours / theirs
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 10 ? 3 : 2)
}
