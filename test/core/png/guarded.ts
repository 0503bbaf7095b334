/**
 * Bytes that throw when one behind their end is read. A decoder that trusts a length in the file would otherwise read up to
 * 4 GB that do not exist, and its test would hang instead of failing.
 */
export function guarded(bytes: Uint8Array): Uint8Array {
  return new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && Number(name) >= target.length)
        throw new RangeError(`byte ${name} of ${target.length} is read`)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
