/** Two hexadecimal digits in ASCII to a byte, fast enough for megabytes of them. */

const DIGITS = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
)

/** The byte that digits at `at` and behind it write, 0..255; negative where there are none. */
export function hexByte(text: Uint8Array, at: number): number {
  return at + 1 < text.length ? (DIGITS[text[at]] << 4) | DIGITS[text[at + 1]] : -1
}
