/**
 * The data sets that can be fetched: their files, mirrors and digests. Mirrors may compress a file differently, so a file is
 * identified by the digest of its unpacked bytes.
 */

import { PIXELS } from '../../core/data/dataset.ts'
import { IDX_HEADER, type IdxKind } from '../../core/data/idx.ts'

export interface CatalogueFile {
  readonly name: string // as stored, gzipped
  readonly kind: IdxKind
  readonly count: number // images or labels
  readonly bytes: number // unpacked
  readonly sha256?: string // of the unpacked bytes; absent if only that of the archive is published
}

/** A zip file with the files, if they are not published separately. */
export interface CatalogueArchive {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  readonly folder: string // inside the archive, with a trailing slash
}

export interface CatalogueEntry {
  readonly name: string
  readonly folders: readonly [string, ...string[]] // below the data directory; files are fetched into the first
  readonly prefix: string // of the names of its files, if the folder may have others
  readonly title: string
  readonly licence: string
  readonly citation: string
  readonly homepage: string
  readonly mirrors: readonly string[] // base URLs, tried in order
  readonly archive?: CatalogueArchive
  readonly files: readonly CatalogueFile[]
}

function file(name: string, kind: IdxKind, count: number, sha256?: string): CatalogueFile {
  const bytes = IDX_HEADER[kind] + count * (kind === 'images' ? PIXELS : 1)
  return { name: `${name}.gz`, kind, count, bytes, ...(sha256 && { sha256 }) }
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'mnist',
    folders: ['mnist'],
    prefix: '',
    title: 'MNIST',
    licence: 'CC BY-SA 3.0',
    citation: 'LeCun, Cortes, Burges: The MNIST database of handwritten digits, 1998',
    homepage: 'http://yann.lecun.com/exdb/mnist/',
    // The homepage itself has refused downloads for years.
    mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/'],
    files: [
      file(
        'train-images-idx3-ubyte',
        'images',
        60_000,
        'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      ),
      file(
        'train-labels-idx1-ubyte',
        'labels',
        60_000,
        '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      ),
      file(
        't10k-images-idx3-ubyte',
        'images',
        10_000,
        '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      ),
      file(
        't10k-labels-idx1-ubyte',
        'labels',
        10_000,
        'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      ),
    ],
  },
  {
    name: 'emnist-digits',
    folders: ['emnist-digits', 'emnist'],
    prefix: 'emnist-digits-',
    title: 'EMNIST Digits',
    licence: 'public domain (NIST); please cite the paper',
    citation:
      'Cohen, Afshar, Tapson, van Schaik: EMNIST: extending MNIST to handwritten letters, 2017, arXiv:1702.05373',
    homepage: 'https://www.nist.gov/itl/products-and-services/emnist-dataset',
    mirrors: ['https://biometrics.nist.gov/cs_links/EMNIST/'],
    // NIST publishes all splits in one file and no digest. Size and SHA-256 are those of TensorFlow Datasets
    // (url_checksums/emnist.txt); they have not been recomputed here. No digests of the files inside are known: they are
    // recorded when the files come from an archive with the expected digest.
    archive: {
      name: 'gzip.zip',
      bytes: 561_753_746,
      sha256: 'fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e',
      folder: 'gzip/',
    },
    files: [
      file('emnist-digits-train-images-idx3-ubyte', 'images', 240_000),
      file('emnist-digits-train-labels-idx1-ubyte', 'labels', 240_000),
      file('emnist-digits-test-images-idx3-ubyte', 'images', 40_000),
      file('emnist-digits-test-labels-idx1-ubyte', 'labels', 40_000),
    ],
  },
]
