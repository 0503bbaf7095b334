/**
 * Declarative checks of parsed JSON: a shape for each kind of value, put together like the type it stands for. A shape reads own
 * fields only, and looks into a value no deeper than it says.
 */

/** Checks a value. Throws FieldError; `field` is the place in words of the file: `test.accuracy`. */
export type ValueCheck = (value: unknown, field: string) => void

/** A value that is not what its place asks for. The message names the field, what is expected and what was got. */
export class FieldError extends Error {}

/** Longest list of names in a message. */
const NAMED = 4

/** Characters of a field's name in a message. */
const NAME = 40

export function expectThat(holds: boolean, field: string, expected: string, value: unknown): asserts holds {
  if (!holds) throw new FieldError(`${field} must be ${expected}; it is ${kindOf(value)}`)
}

/** A finite number of at least `least` and at most `most`; without them any. */
export function number(least = -Infinity, most = Infinity): ValueCheck {
  const expected = [least > -Infinity ? ` from ${least}` : '', most < Infinity ? ` to ${most}` : '']
  return (value, field) => {
    const fits = Number.isFinite(value) && Number(value) >= least && Number(value) <= most
    expectThat(fits, field, `a number${expected.join('')}`, value)
  }
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): ValueCheck {
  return (value, field) => {
    const fits = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
    expectThat(fits, field, `a whole number from ${least} to ${most}`, value)
  }
}

/** A text of at most `most` characters that `pattern` matches, which `expected` says in words. */
export function text(most: number, pattern?: RegExp, expected = `a text of at most ${most} characters`): ValueCheck {
  return (value, field) => {
    const fits = typeof value === 'string' && value.length <= most && (pattern?.test(value) ?? true)
    expectThat(fits, field, expected, value)
  }
}

/** One of a few values. */
export function oneOf(...values: readonly (string | number | boolean)[]): ValueCheck {
  const shown = values.slice(0, -1).join(', ')
  const expected = values.length > 1 ? `${shown} or ${values[values.length - 1]}` : String(values[0])
  return (value, field) => expectThat((values as readonly unknown[]).includes(value), field, expected, value)
}

/** A value that fits one of two shapes; `expected` says both in words. */
export function either(one: ValueCheck, other: ValueCheck, expected: string): ValueCheck {
  return (value, field) => {
    const fits = [one, other].some((shape) => {
      try {
        shape(value, field)
        return true
      } catch {
        return false
      }
    })
    expectThat(fits, field, expected, value)
  }
}

/** A list of `least` to `most` items. */
export function list(item: ValueCheck, least: number, most: number): ValueCheck {
  return (value, field) => {
    const expected = least === most ? `a list of ${most}` : `a list of ${least} to ${most}`
    expectThat(Array.isArray(value) && value.length >= least && value.length <= most, field, expected, value)
    for (const [i, one] of value.entries()) item(one, `${field}[${i}]`)
  }
}

/** An object whose fields, at most `most`, may have any names. */
export function named(item: ValueCheck, most: number): ValueCheck {
  return (value, field) => {
    const object = objectOf(value, field)
    const names = Object.keys(object)
    expectThat(names.length <= most, field, `an object of at most ${most} fields`, value)
    for (const name of names) item(object[name], `${field}.${shortened(name)}`)
  }
}

/** An object with these fields, and others of which nothing is known. */
export function object(
  required: Readonly<Record<string, ValueCheck>>,
  optional: Readonly<Record<string, ValueCheck>> = {},
): ValueCheck {
  return (value, field) => {
    const fields = objectOf(value, field)
    const place = field === '' ? '' : `${field}.`
    for (const [name, shape] of Object.entries(required)) shape(own(fields, name), place + name)
    for (const [name, shape] of Object.entries(optional)) {
      const one = own(fields, name)
      if (one !== undefined) shape(one, place + name)
    }
  }
}

/**
 * Checks what holds of the whole value, its unknown fields too: nested no deeper than `deepest`, and no field that would mean
 * something to JavaScript itself.
 */
export function checkNesting(value: unknown, deepest: number, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === deepest) throw new FieldError(`lists and objects must be nested at most ${deepest} deep`)
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__'))
    throw new FieldError('no field may be called __proto__')
  for (const one of Object.values(value)) checkNesting(one, deepest, depth + 1)
}

/** What a value is, in words, without its content unless that is a number. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number that is too large'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${value.length} characters`
  if (Array.isArray(value)) return `a list of ${value.length}`
  const names = Object.keys(value)
  if (names.length === 0) return 'an object without fields'
  const shown = names.slice(0, NAMED).map(shortened).join(', ')
  return `an object of ${names.length} fields (${shown}${names.length > NAMED ? ', ...' : ''})`
}

function objectOf(value: unknown, field: string): Record<string, unknown> {
  const is = typeof value === 'object' && value !== null && !Array.isArray(value)
  expectThat(is, field === '' ? 'it' : field, 'an object', value)
  return value as Record<string, unknown>
}

function own(fields: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

// A name is of somebody else's choice.
function shortened(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, NAME)
}
