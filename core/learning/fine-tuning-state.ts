/** The state of fine-tuning as bytes: u32 magic, step, number of parameters; then parameters and moments in f32; little-endian. */

import { bytesOf } from '../models/tensor.ts'

const MAGIC = 0x31724b49 // 'IKr1'
const HEADER = 12 // bytes

export function packState(step: number, head: Float32Array, moments: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + head.byteLength + moments.byteLength)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [MAGIC, step, head.length].entries()) view.setUint32(4 * i, value, true)
  // as bytes: an array of that many numbers would take ten times the memory, every two seconds
  bytes.set(bytesOf(head), HEADER)
  bytes.set(bytesOf(moments), HEADER + head.byteLength)
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
  const values = new Float32Array(bytes.slice(HEADER).buffer)
  return { step: view.getUint32(4, true), head: values.slice(0, parameters), moments: values.slice(parameters) }
}
