/** Parameters as CSV: for spreadsheets, and for programs that read nothing else. */

/** The shortest decimal that rounds back to the same f32, e.g. 0.1 for f32(0.1). */
export function shortestDecimal(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return String(decimal)
  }
  return String(Number(value.toPrecision(9)))
}

/** A row-major matrix as CSV, one row a line, no header; every f32 in its shortest decimal. */
export function matrixToCsv(values: Float32Array, columns: number): string {
  let text = ''
  for (let i = 0; i < values.length; i++) {
    text += shortestDecimal(values[i]) + ((i + 1) % columns === 0 ? '\n' : ',')
  }
  return text
}
