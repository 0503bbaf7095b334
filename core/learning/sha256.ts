/**
 * SHA-256 (FIPS 180-4). A page that came over plain http has no crypto.subtle, and the fingerprint of what it has learned must be
 * the one that any other machine finds.
 */

/** First 32 bits of the fractional parts of the square roots of the first 8 primes. */
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUNDS = Uint32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
)

const BLOCK = 64 // bytes
const LENGTH = 8 // bytes at the end that hold the message's length in bits

/** The digest of bytes, as 64 hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  const whole = Math.floor(bytes.length / BLOCK) * BLOCK
  // what is left, a 1 bit, zeros and the length: one block or two
  const rest = bytes.length - whole
  const end = new Uint8Array(rest + 1 + LENGTH <= BLOCK ? BLOCK : 2 * BLOCK)
  end.set(bytes.subarray(whole))
  end[rest] = 0x80
  const bits = new DataView(end.buffer)
  bits.setUint32(end.length - 8, Math.floor(bytes.length / 2 ** 29))
  bits.setUint32(end.length - 4, bytes.length << 3)
  const state = Uint32Array.from(START)
  const schedule = new Uint32Array(64)
  for (const part of [bytes.subarray(0, whole), end]) {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength)
    for (let at = 0; at < part.length; at += BLOCK) addBlock(state, schedule, view, at)
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

function addBlock(state: Uint32Array, w: Uint32Array, view: DataView, at: number): void {
  for (let t = 0; t < 16; t++) w[t] = view.getUint32(at + 4 * t)
  for (let t = 16; t < 64; t++) {
    const [a, b] = [w[t - 15], w[t - 2]]
    const small0 = rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3)
    const small1 = rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10)
    w[t] = w[t - 16] + small0 + w[t - 7] + small1
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let t = 0; t < 64; t++) {
    const large1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    const large0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    const first = (h + large1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0
    const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] += value
}

function rotated(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}
