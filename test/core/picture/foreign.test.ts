/** The refusal of files that are no PNG: what they are is named, whatever follows their first bytes. */

import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { foreignFile } from '../../../core/picture/foreign.ts'
import { encode } from '../png/writer.ts'

const PNG = Buffer.from(encode({ width: 28, height: 28, colour: 0, depth: 8, samples: Array(784).fill(255) }))

/** Bytes with a byte per character, and some noise after them. */
const file = (beginning: string) =>
  Buffer.concat([Buffer.from(beginning, 'latin1'), Buffer.alloc(300, '\x80\x01\xff', 'latin1')])
const text = (content: string) => Buffer.from(content)
const box = (...brands: string[]) =>
  file(`\0\0\0${String.fromCharCode(12 + 4 * brands.length)}ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`)

/** A byte string in which every match is replaced, as transfers in text mode do. */
const replaced = (match: RegExp, by: string) => Buffer.from(PNG.toString('latin1').replace(match, by), 'latin1')

const CASES: readonly (readonly [what: string, bytes: Uint8Array, named: RegExp])[] = [
  ['CRLF to LF', replaced(/\r\n/g, '\n'), /PNG.*text mode.*CRLF to LF.*binary mode/],
  ['LF to CRLF', replaced(/\n/g, '\r\n'), /PNG.*text mode.*LF to CRLF.*binary mode/],
  ['LF to CRLF where there is no CR yet', replaced(/(?<!\r)\n/g, '\r\n'), /PNG.*text mode.*LF to CRLF.*binary mode/],
  ['CR to LF', replaced(/\r/g, '\n'), /PNG.*text mode.*binary mode/],
  ['bit 7 cleared', PNG.map((byte) => byte & 127), /PNG.*highest bit.*binary mode/],
  ['read as Latin-1, written as UTF-8', Buffer.from(PNG.toString('latin1'), 'utf8'), /PNG.*as if it were text/],
  ['read as UTF-8', Buffer.from(PNG.toString('utf8')), /PNG.*as if it were text/],
  [
    'read as ASCII with question marks',
    Buffer.from(PNG.toString('latin1').replace(/[^\0-\x7f]/g, '?')),
    /PNG.*as if it were text/,
  ],
  ['a byte order mark before it', Buffer.concat([Buffer.from('\ufeff'), PNG]), /PNG after other bytes/],
  [
    'a header of HTTP before it',
    Buffer.concat([text('Content-Type: image/png\r\n\r\n'), PNG]),
    /PNG after other bytes/,
  ],
  ['a JPEG', file('\xff\xd8\xff\xe0\0\x10JFIF\0'), /a JPEG/],
  ['a JPEG read as UTF-8', Buffer.from(file('\xff\xd8\xff\xe0\0\x10JFIF\0').toString()), /image.*as if it were text/],
  ['GIF', file('GIF89a'), /GIF.*save it as PNG or JPEG/],
  ['WebP', file('RIFF\x24\0\0\0WEBPVP8 '), /WebP.*save it as PNG or JPEG/],
  ['WAV', file('RIFF\x24\0\0\0WAVE'), /sound/],
  ['HEIC', box('heic', 'mif1', 'heic'), /HEIC.*save it as PNG or JPEG/],
  ['HEIF', box('mif1', 'mif1', 'heic'), /HEIC/],
  ['AVIF', box('avif', 'mif1', 'miaf'), /AVIF.*save it as PNG or JPEG/],
  ['AVIF with the brand behind', box('mif1', 'miaf', 'avif'), /AVIF/],
  ['CR3', box('crx ', 'isom'), /raw/],
  ['MP4', box('isom', 'mp42'), /a video/],
  ['QuickTime', box('qt  '), /a video/],
  ['BMP', file('BM\x46\x09\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'), /BMP.*save it as PNG or JPEG/],
  ['TIFF', file('II*\0\x08\0\0\0'), /TIFF/],
  ['TIFF, big-endian', file('MM\0*\0\0\0\x08'), /TIFF/],
  ['ICO', file('\0\0\x01\0\x01\0'), /icon/],
  ['PSD', file('8BPS\0\x01'), /Photoshop.*export it as PNG/],
  ['JPEG XR', file('II\xbc\x01'), /JPEG XR/],
  ['JPEG XL', file('\xff\n'), /JPEG XL/],
  ['JPEG XL in a container', file('\0\0\0\x0cJXL \r\n\x87\n'), /JPEG XL/],
  ['JPEG 2000', file('\0\0\0\x0cjP  \r\n\x87\n'), /JPEG 2000/],
  ['JPEG 2000, the codestream', file('\xff\x4f\xff\x51'), /JPEG 2000/],
  ['MNG', file('\x8aMNG\r\n\x1a\n'), /MNG/],
  ['JNG', file('\x8bJNG\r\n\x1a\n'), /JNG/],
  ['PBM', file('P4\n28 28\n'), /PNM/],
  ['NumPy', file('\x93NUMPY\x01\0'), /NumPy/],
  ['MNIST', file('\0\0\x08\x03\0\0\x27\x10'), /IDX/],
  ['PDF', file('%PDF-1.7\n'), /PDF.*export its page/],
  ['gzip', gzipSync(PNG), /gzip.*unpack/],
  ['zip', file('PK\x03\x04\x14\0'), /zip.*unpack/],
  ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg"/>'), /SVG.*export it as PNG/],
  ['SVG after much', text('\ufeff<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "">\n<!-- 7 -->\n<svg/>'), /SVG/],
  ['XML', text('<?xml version="1.0"?><rss/>'), /XML/],
  ['HTML', text('\n<!DOCTYPE html>\n<html>'), /HTML/],
  ['XHTML', text('<?xml version="1.0"?><!DOCTYPE html><html>'), /HTML/],
  ['HTML without its type', text('<html><head>'), /HTML/],
  ['JSON', text('{"image": "data:image/png;base64,"}'), /JSON.*application\/json/],
  ['JSON after a byte order mark', text('\ufeff[1, 2]'), /JSON/],
  ['a data URL', text(`data:image/png;base64,${PNG.toString('base64')}`), /data URL/],
  ['a data URL in percent escapes', text('data%3Aimage%2Fpng%3Bbase64%2C'), /data URL/],
  ['base64 of a JPEG', text('/9j/4AAQSkZJRg'), /base64/],
  ['base64 of a JPEG for URLs', text('_9j_4AAQSkZJRg'), /base64/],
  ['base64', text(PNG.toString('base64')), /base64/],
  ['hexadecimal', text(PNG.toString('hex')), /bytes of a PNG as text/],
  ['hexadecimal with blanks', text('89 50 4E 47 0D 0A'), /bytes of a PNG as text/],
  ["Python's repr", text("b'\\x89PNG\\r\\n'"), /bytes of a PNG as text/],
  ['a form', text('--x7\r\nContent-Disposition: form-data; name="file"\r\n\r\n'), /form.*boundary/],
  ['Git LFS', text('version https://git-lfs.github.com/spec/v1\noid sha256:'), /Git LFS/],
  ['text', text('seven\n'), /got text/],
  ['zeros', new Uint8Array(5000), /zeros/],
  ['noise', file('\x01\x02\x03'), /something else/],
]

describe('a file that is no PNG', () => {
  it.each(CASES)('is named: %s', (_, bytes, named) => {
    const refusal = foreignFile(bytes)
    expect([refusal.status, refusal.code]).toEqual([415, 'not_png'])
    expect(refusal.message).toMatch(named)
  })

  it('is refused in at most 120 characters, cut anywhere too, without anything of it', () => {
    for (const [, bytes] of CASES) {
      for (let length = 0; length <= Math.min(bytes.length, 80); length++) {
        expect(foreignFile(bytes.subarray(0, length)).message.length).toBeLessThanOrEqual(120)
      }
    }
    expect(foreignFile(text('a secret')).message).not.toContain('secret')
  })
})
