/** What keeps the server running: the operations of runit in Termux and of systemd elsewhere, and what both write. */

import { runBriefly } from '../brief-process.ts'

/** How long a tool such as sv may take, ms; sv itself waits for up to 20 s. */
const PATIENCE = 30_000

/** Sentences that say what was done, in order. */
export type Account = readonly string[]

export interface Status {
  readonly installed: boolean
  readonly running: boolean
  /** In the supervisor's own words. */
  readonly said: string
}

export interface Supervisor {
  readonly name: string
  /** Makes the service, or changes it, and starts it. `command` is a program and its arguments. */
  install(command: readonly string[], options: readonly string[]): Promise<Account>
  /** The options of `serve` that the service was installed with; undefined where it is not installed. */
  options(): readonly string[] | undefined
  status(): Promise<Status>
  restart(): Promise<Account>
  /** The program and arguments that print the last lines of the log, and with `follow` go on. */
  logs(lines: number, follow: boolean): readonly string[]
  remove(): Promise<Account>
}

const RECORD = '# options: '

/** The first lines of a file that `service install` writes: where it comes from, and its options for the next time. */
export function fileHead(options: readonly string[]): string {
  return `# Written by \`inkling service install\`, which replaces it.\n${RECORD}${JSON.stringify(options)}\n`
}

/** The options in a file that `service install` wrote. */
export function recordedOptions(text: string): readonly string[] {
  const record = text.split('\n').find((line) => line.startsWith(RECORD))
  return record === undefined ? [] : (JSON.parse(record.slice(RECORD.length)) as string[])
}

/** What a tool printed, and whether it succeeded. */
export interface ToolResult {
  readonly done: boolean
  readonly said: string
}

/** Runs a tool of the system to its end. Its output is returned, not shown. */
export async function runTool(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ToolResult> {
  const result = await runBriefly(program, args, PATIENCE, env)
  if (result.kind === 'missing') return { done: false, said: `${program} is missing` }
  if (result.kind === 'hung') return { done: false, said: `${program} did not end within ${PATIENCE / 1000} s` }
  return { done: result.code === 0, said: `${result.stdout}${result.stderr}`.trim() }
}
