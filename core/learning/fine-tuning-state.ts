/** The state of fine-tuning as bytes: u32 magic, step, number of parameters; then parameters and moments in f32; little-endian. */

const MAGIC = 0x31724b49 // 'IKr1'
const HEADER = 12 // bytes

export function packState(step: number, head: Float32Array, moments: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + head.byteLength + moments.byteLength)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [MAGIC, step, head.length].entries()) view.setUint32(4 * i, value, true)
  for (const [i, value] of [...head, ...moments].entries()) view.setFloat32(HEADER + 4 * i, value, true)
  return bytes
}

/**
 * @param parameters expected number of the head's parameters
 * @throws RangeError when the bytes are not a state, or the state of another network
 */
export function unpackState(bytes: Uint8Array, parameters: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const floats = (bytes.length - HEADER) / 4
  if (bytes.length < HEADER || view.getUint32(0, true) !== MAGIC || view.getUint32(8, true) !== parameters) {
    throw new RangeError(`that is no state of a network whose head has ${parameters} parameters`)
  }
  if (floats % 1 !== 0 || floats < parameters) throw new RangeError('the state is cut short')
  const values = Float32Array.from({ length: floats }, (_, i) => view.getFloat32(HEADER + 4 * i, true))
  return { step: view.getUint32(4, true), head: values.slice(0, parameters), moments: values.slice(parameters) }
}
