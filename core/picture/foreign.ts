/** What a file is that is no PNG, by its first bytes, and what its owner can do about it. Nothing of such a file is decoded. */

import { InputError } from '../errors.ts'

/** Bytes at the start of a file that are looked at. */
const HEAD = 1024

/** What to do with most files. */
const SAVE = 'save it as PNG or JPEG'
const EXPORT = 'export it as PNG'
const PICTURE = 'send a PNG or JPEG picture'
const UNPACK = 'unpack it and send the picture'
const BINARY = 'transfer it in binary mode'
const BYTES = 'send its bytes as they are'

/** A kind of file: what it is called, what to do with it, and what it begins with. */
type Kind = readonly [name: string, advice: string, ...beginnings: readonly string[]]

/** Beginnings are of one character per byte, of which a dot is any. The first kind that fits counts. */
const KINDS: readonly Kind[] = [
  // the signature of a PNG is made to show what transfers as text do to a file (PNG specification, section 5.2)
  [
    "Apple's variant of PNG (CgBI, of an app's package)",
    'open it in Preview and export it as PNG',
    '\x89PNG\r\n\x1a\n....CgBI',
  ],
  ['a PNG of which a transfer in text mode changed CRLF to LF', BINARY, '\x89PNG\n\x1a'],
  ['a PNG of which a transfer in text mode changed LF to CRLF', BINARY, '\x89PNG\r\r\n\x1a', '\x89PNG\r\n\x1a\r\n'],
  ['a PNG that lost the highest bit of every byte in text mode', BINARY, '\tPNG'],
  ['a PNG whose signature is damaged, as by a transfer in text mode', BINARY, '\x89PNG'],
  ['a PNG that was converted as if it were text', BYTES, '\xc2\x89PNG', '\xef\xbf\xbdPNG', '?PNG'],
  ['an image that was converted as if it were text', BYTES, '\xef\xbf\xbd\xef\xbf\xbd', '\xc3\xbf\xc3\x98'],
  ['an MNG animation', SAVE, '\x8aMNG'],
  ['a JNG image', SAVE, '\x8bJNG'],
  ['a JPEG', EXPORT, '\xff\xd8'],
  ['a GIF image', SAVE, 'GIF8'],
  ['a WebP image', SAVE, 'RIFF....WEBP'],
  ['a sound or a video', PICTURE, 'RIFF', 'ID3', 'OggS', '\x1aE\xdf\xa3', 'fLaC'],
  ['a JPEG XL image', SAVE, '\xff\n', '\0\0\0\fJXL '],
  ['a JPEG 2000 image', SAVE, '\0\0\0\fjP', '\xff\x4f\xff\x51'],
  ["a TIFF or a camera's raw image", SAVE, 'II*\0', 'MM\0*', 'II+\0', 'MM\0+', 'IIRO', 'IIU\0'],
  ['a BMP image', SAVE, 'BM....\0\0\0\0'],
  ['an icon (ICO)', SAVE, '\0\0\x01\0', '\0\0\x02\0'],
  ['an icon (ICNS)', SAVE, 'icns'],
  ['a Photoshop file (PSD)', EXPORT, '8BPS'],
  ['a GIMP file (XCF)', EXPORT, 'gimp xcf'],
  ['a QOI image', SAVE, 'qoif'],
  ['a DDS image', SAVE, 'DDS '],
  ['a PCX image', SAVE, '\n\x05\x01'],
  ['a JPEG XR image', SAVE, 'II\xbc'],
  ['a DjVu document', EXPORT, 'AT&TFORM'],
  ['a Windows metafile', EXPORT, '\xd7\xcd\xc6\x9a', '\x01\0\0\0....................................\x20EMF'],
  ['an OpenEXR image', SAVE, '\x76\x2f\x31\x01'],
  ['an array of numbers (NumPy or IDX)', 'send its image as PNG', '\x93NUMPY', '\0\0\x08\x01', '\0\0\x08\x03'],
  ['a PostScript file', EXPORT, '%!PS', '\xc5\xd0\xd3\xc6'],
  ['a gzip file', UNPACK, '\x1f\x8b'],
  ['a zip file', UNPACK, 'PK\x03\x04', 'PK\x05\x06'],
  ['an archive', UNPACK, '7z\xbc\xaf', 'Rar!', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd'],
  ['an Office document', EXPORT, '\xd0\xcf\x11\xe0'],
]

/** Kinds that begin with text, after a byte order mark and white space. The first that fits counts. */
const TEXTS: readonly (readonly [pattern: RegExp, name: string, advice: string])[] = [
  [/^"?data(:|%3a)/i, 'a data URL as text', 'send JSON, {"image": "data:..."}, or the bytes in it'],
  [/^"?(iVBORw0KGgo|[/_]9j[/_]|R0lGOD|UklGR)/, 'base64 text of an image', 'send JSON with a data URL, or decode it'],
  [
    /^(b?['"])?(0x|\\x)?(89[ ,:]*(0x)?50[ ,:]*(0x)?4e|89PNG)/i,
    'the bytes of a PNG as text',
    'send the bytes themselves',
  ],
  [/^%PDF-/, 'a PDF', 'export its page as PNG or JPEG'],
  [/^P[1-7]\s/, 'an image of the PNM family', SAVE],
  [/^(<[?!][^<]*)*<svg/i, 'an SVG drawing', EXPORT],
  [
    /^(<(!--|\?xml)[^<]*)*<(!doctype html|html|head|body|title|p|h1|div|script)\b/i,
    'an HTML page',
    'send the picture itself',
  ],
  [/^<[?!a-z]/i, 'XML text', PICTURE],
  [/^\{\\rtf/, 'an RTF document', PICTURE],
  [/^[{[]/, 'JSON', 'send it with Content-Type: application/json'],
  [/^--[^\r\n]+\r?\ncontent-/i, 'a form', 'send it with the Content-Type that names its boundary'],
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS', 'fetch the file itself with git lfs pull'],
  [/^[\t\n\r -~\x80-\xff]+$/, 'text', PICTURE],
]

const PNG = '\x89PNG\r\n\x1a\n'

/** Whether a file is a JPEG, by its first two bytes. */
export function isJpeg(file: Uint8Array): boolean {
  return file.length >= 2 && file[0] === 0xff && file[1] === 0xd8
}

/** The refusal of a file that is no PNG: it names what the file is and what to do, and repeats nothing of it. */
export function foreignFile(file: Uint8Array): InputError {
  return new InputError(415, 'not_png', `expected a PNG or JPEG, got ${describe(file)}`)
}

function describe(file: Uint8Array): string {
  const head = String.fromCharCode(...file.subarray(0, HEAD))
  const kind = KINDS.find(([, , ...beginnings]) => beginnings.some((beginning) => beginsWith(head, beginning)))
  if (kind) return `${kind[0]}: ${kind[1]}`
  if (beginsWith(head, '....ftyp')) return describeBrands(head)
  if (head.includes(PNG)) return 'a PNG after other bytes: send the PNG alone'
  if (file.every((byte) => byte === 0)) return 'nothing but zeros: the file was not written to its end'
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart()
  const found = TEXTS.find(([pattern]) => pattern.test(text))
  return found ? `${found[1]}: ${found[2]}` : 'something else'
}

/** The ISO family: HEIC, AVIF and videos have the same beginning and state their brands in the first box. */
function describeBrands(head: string): string {
  const brands = head.slice(8, Math.max(12, (head.charCodeAt(2) << 8) | head.charCodeAt(3)))
  if (/avi[fs]/.test(brands)) return `an AVIF image: ${SAVE}`
  if (/hei|hev|mif1|msf1/.test(brands)) return `a HEIC photo: ${SAVE}; phones can take photos as JPEG`
  if (brands.startsWith('crx')) return `a camera's raw image: ${SAVE}`
  return `a video: ${PICTURE}`
}

function beginsWith(head: string, beginning: string): boolean {
  if (head.length < beginning.length) return false
  for (let k = 0; k < beginning.length; k++) if (beginning[k] !== '.' && beginning[k] !== head[k]) return false
  return true
}
