/** The server's settings: flags first, then the environment, then the defaults here, each checked before anything starts. */

import type { BackendName } from '../core/backend/backend.ts'
import { quoted } from '../core/errors.ts'
import { TEACHERS, type Teachers } from '../core/learning/teachers.ts'
import { MODEL_ID } from '../core/protocol.ts'
import { expandHome } from './files/home.ts'
import { bareValue } from './files/variables.ts'
import { isNetwork } from './http/visitors/address-list.ts'
import { parseOrigin } from './http/visitors/cross-origin.ts'
import { parsePattern } from './http/visitors/host-names.ts'
import { ANY_HOST } from './http/visitors/hosts.ts'

// A list of its own, because core/backend/backend.ts would load all kernels, which --help does not need.
const BACKENDS = ['simd', 'scalar', 'ts'] as const satisfies readonly BackendName[]

/** When models learn from corrections. */
const LEARNING = ['on', 'off', 'always'] as const
export type LearningSetting = (typeof LEARNING)[number]

/** Threads of the pool, at most. */
const MOST_WORKERS = 16

/** What this server's own paths begin with. */
const OWN_PATHS = ['api', 'assets', 'list', 'livez', 'predict', 'process', 'readyz']

/**
 * The shipped models that answer when none is named: the first that works. With SIMD it is the most accurate one. Without SIMD
 * that one would keep an old phone busy for too long, and the small one answers with a quarter of the work.
 */
export const DEFAULT_MODELS: Readonly<Record<BackendName, readonly string[]>> = {
  simd: ['cnn', 'cnn-small', 'softmax'],
  scalar: ['cnn-small', 'softmax'],
  ts: ['cnn-small', 'softmax'],
}

/** A setting that cannot be understood. It is wrong use: the command exits with 2. */
export class ConfigError extends Error {
  readonly exitCode = 2
}

interface Setting<Value> {
  readonly flag: string // as commander reads it
  readonly variables: readonly string[] // the first that is set counts
  readonly initial: Value
  readonly meaning: string
  /** The value, or undefined where the text is not a value. */
  readonly parse: (text: string) => Value | undefined
  readonly expected: string
}

const setting = <Value>(row: Setting<Value>) => row

export const SETTINGS = {
  port: setting<number>({
    flag: '--port <number>',
    variables: ['INKLING_PORT', 'PORT'],
    initial: 8000,
    meaning: 'port to listen on, 0 for any free one',
    parse: (text) => integer(text, 0, 65_535),
    expected: 'a whole number from 0 to 65535',
  }),
  host: setting<string>({
    flag: '--host <address>',
    variables: ['INKLING_HOST', 'HOST'],
    initial: '',
    meaning: 'address to listen on; all of this machine unless set',
    parse: (text) => /^\[?([0-9a-z.:_%-]+)\]?$/i.exec(text)?.[1],
    expected: 'an IP address or a name',
  }),
  hosts: setting<readonly string[]>({
    flag: '--hosts <names>',
    variables: ['INKLING_HOSTS'],
    initial: [],
    meaning:
      'further names this server is reached by, separated by commas; *.name: names below it; .name: both; name:port: at that port only; any: all names, which lets web pages elsewhere use it',
    parse: (text) => {
      const names = textsOf(text)
      return names.every((name) => parsePattern(name) !== undefined) ? names : undefined
    },
    expected: `${ANY_HOST}, or names separated by commas, without http:// and path, such as digits.example.org, digits.example.org:8443, *.example.org (names below it) or .example.org (it and those)`,
  }),
  trustProxy: setting<readonly string[]>({
    flag: '--trust-proxy <addresses>',
    variables: ['INKLING_TRUST_PROXY'],
    initial: [],
    meaning: 'reverse proxies whose X-Forwarded-For, -Host, -Proto and Forwarded are believed, separated by commas',
    parse: (text) => {
      const proxies = textsOf(text)
      return proxies.every(isNetwork) ? proxies : undefined
    },
    expected: 'loopback, IP addresses or networks such as 192.168.1.0/24, separated by commas',
  }),
  basePath: setting<string>({
    flag: '--base-path <path>',
    variables: ['INKLING_BASE_PATH'],
    initial: '',
    meaning: 'path below which a proxy serves this server without stripping it, such as /digits/',
    parse: readBasePath,
    expected: `a path such as /digits/, of letters, digits, ".", "_", "~" and "-" between slashes, that begins with none of ${OWN_PATHS.join(', ')}`,
  }),
  origins: setting<readonly string[]>({
    flag: '--origins <origins>',
    variables: ['INKLING_ORIGINS'],
    initial: [],
    meaning: 'other origins whose pages may use the API, such as https://digits.example.org, separated by commas',
    parse: (text) => {
      const origins = text.split(',').map((origin) => parseOrigin(origin.trim()))
      return origins.every((origin) => origin !== undefined) ? origins : undefined
    },
    expected: 'origins separated by commas, each scheme://host or scheme://host:port without a path',
  }),
  // The page sends a drawing after each stroke. Somebody who writes digits as fast as possible finishes about 1.3 strokes a
  // second, somebody who scribbles 3: 120 a minute with 40 at once refuses neither, 60 with 20 would.
  rateLimit: setting<number>({
    flag: '--rate-limit <number>',
    variables: ['INKLING_RATE_LIMIT'],
    initial: 120,
    meaning: 'predictions per minute one network may ask for; "off" lifts every quota, for measurements',
    parse: (text) => (text === 'off' ? Infinity : integer(text, 1, 1_000_000)),
    expected: 'a whole number from 1 to 1000000, or off',
  }),
  connections: setting<number>({
    flag: '--connections <number>',
    variables: ['INKLING_CONNECTIONS'],
    initial: 64,
    meaning: 'connections open at once',
    parse: (text) => integer(text, 1, 10_000),
    expected: 'a whole number from 1 to 10000',
  }),
  backend: setting<BackendName | ''>({
    flag: '--backend <name>',
    variables: ['INKLING_BACKEND'],
    initial: '',
    meaning: 'kernels to use: simd, scalar or ts; the fastest that passes the self-test unless set',
    parse: (text) => BACKENDS.find((name) => name === text),
    expected: `one of ${BACKENDS.join(', ')}`,
  }),
  weights: setting<string>({
    flag: '--weights <folder>',
    variables: ['INKLING_WEIGHTS'],
    initial: '',
    meaning: 'folder of models; the shipped ones unless set',
    parse: expandHome,
    expected: 'a folder',
  }),
  dataDir: setting<string>({
    flag: '--data-dir <folder>',
    variables: ['INKLING_DATA'],
    initial: '',
    meaning:
      "where data sets are, to learn with and for knn of all training images; the user's data directory unless set",
    parse: expandHome,
    expected: 'a folder',
  }),
  state: setting<string>({
    flag: '--state <folder>',
    variables: ['INKLING_STATE'],
    initial: '',
    meaning: "where corrections and what was learned from them are kept; in the user's data directory unless set",
    parse: expandHome,
    expected: 'a folder',
  }),
  page: setting<string>({
    flag: '--page <folder>',
    variables: ['INKLING_PAGE'],
    initial: '',
    meaning: 'folder of the built page; the one that npm run build makes unless set',
    parse: expandHome,
    expected: 'a folder',
  }),
  learning: setting<LearningSetting>({
    flag: '--learning <on|off|always>',
    variables: ['INKLING_LEARNING'],
    initial: 'on',
    meaning:
      'whether models learn from corrections; on: a phone does while its battery charges, has 40 % and is cool; always: whatever the battery says; off: corrections are kept, the shipped models answer',
    parse: (text) => LEARNING.find((name) => name === text),
    expected: LEARNING.join(', ').replace(/, (\w+)$/, ' or $1'),
  }),
  teachers: setting<Teachers>({
    flag: '--teachers <anyone|agreed|owner>',
    variables: ['INKLING_TEACHERS'],
    initial: 'agreed',
    meaning:
      "whose corrections count for everyone's model; anyone: each plausible one; agreed: a visitor's when another network, two other kinds of models or the owner agree; owner: what the owner gave or approved",
    parse: (text) => TEACHERS.find((name) => name === text),
    expected: TEACHERS.join(', ').replace(/, (\w+)$/, ' or $1'),
  }),
  model: setting<string>({
    flag: '--model <id>',
    variables: ['INKLING_MODEL'],
    initial: '',
    meaning: `model that answers when none is named; ${DEFAULT_MODELS.simd[0]} unless set, ${DEFAULT_MODELS.scalar[0]} without SIMD`,
    parse: (text) => (MODEL_ID.test(text) ? text : undefined),
    expected: 'the id of a model',
  }),
  workers: setting<number | 'auto'>({
    flag: '--workers <number>',
    variables: ['INKLING_WORKERS'],
    initial: 'auto',
    meaning: `threads beside the main one that read drawings and ask models, 0 to ${MOST_WORKERS}; one fewer than there are cores unless set, at most 3, none on 32-bit ARM or below 1 GiB of memory`,
    parse: (text) => (text === 'auto' ? text : integer(text, 0, MOST_WORKERS)),
    expected: `a whole number from 0 to ${MOST_WORKERS}, or auto`,
  }),
  modelMemory: setting<number>({
    flag: '--model-memory <MiB>',
    variables: ['INKLING_MODEL_MEMORY'],
    initial: 48,
    meaning: 'memory that loaded models may take together, MiB; the one unused for longest makes room',
    parse: (text) => integer(text, 1, 65_536),
    expected: 'a whole number of MiB from 1 to 65536',
  }),
} as const

export type Config = { readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]['initial'] }

/** The settings as options of a command: flag, and what it says in --help. */
export function settingOptions(): (readonly [flag: string, description: string])[] {
  return Object.values(SETTINGS).map(({ flag, variables, initial, meaning }) => {
    const fallback = typeof initial === 'number' ? ` (default: ${initial})` : ''
    return [flag, `${meaning} [${variables.join(', ')}]${fallback}`]
  })
}

/**
 * The settings from parsed flags (by name, as text) and environment variables. Blanks and one pair of quotes around a value do
 * not belong to it; an empty one counts as not set.
 * @throws ConfigError naming the flag or variable, what is expected, and the value
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const config: Record<string, unknown> = {}
  for (const [name, { flag, variables, initial, parse, expected }] of Object.entries(SETTINGS)) {
    const given = [[flag.split(' ')[0], flags[name]], ...variables.map((variable) => [variable, environment[variable]])]
      .map(([source, text = '']) => [source, bareValue(text)] as const)
      .find(([, text]) => text !== '')
    config[name] = initial
    if (given === undefined) continue
    const [source, text] = given
    const value = parse(text)
    if (value === undefined) throw new ConfigError(`${source} must be ${expected}; it is ${quoted(text)}`)
    config[name] = value
  }
  return config as Config
}

function textsOf(list: string): string[] {
  const texts = list.split(',').map((text) => text.trim().toLowerCase())
  return texts.filter((text) => text !== '')
}

function integer(text: string, least: number, most: number): number | undefined {
  const value = Number(text)
  return /^\d{1,9}$/.test(text) && value >= least && value <= most ? value : undefined
}

// With a slash at both ends, '' for the root; undefined where the text is no path, or one that this server needs itself.
function readBasePath(text: string): string | undefined {
  const path = text.replace(/^\/|\/$/g, '')
  if (path === '') return ''
  const parts = path.split('/')
  if (!parts.every((part) => /^[\w.~-]+$/.test(part) && !/^\.+$/.test(part))) return undefined
  return OWN_PATHS.includes(parts[0]) ? undefined : `/${path}/`
}
