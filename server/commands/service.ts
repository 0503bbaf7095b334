/** `inkling service`: keeps the server running with what the system has for that, and goes back to the release before. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type Config, readConfig, SETTINGS } from '../config.ts'
import { awaitAnswer, isAnswered } from '../phone/service/answer.ts'
import { findSupervisor } from '../phone/service/find-supervisor.ts'
import { exchangeReleases, findInstallation, serveArguments } from '../phone/service/installation.ts'
import type { Account, Supervisor } from '../phone/service/supervisor.ts'
import { serveCommand } from './serve.ts'

/** Lines of the log that are shown unless another number is given. */
const LINES = 50

export function serviceCommand(): Command {
  const command = new Command('service').description(
    'Keep the server running: as a service of runit in Termux, of systemd elsewhere.',
  )
  command
    .command('install')
    .description(
      'Make the service and start it; again after a change of its options, which it keeps unless others are given.',
    )
    .argument('[options...]', 'options of inkling serve, after --, such as: -- --port 8080')
    .action(install)
  command
    .command('status')
    .description('Say whether the service runs; exit code 0 if so.')
    .option('--json', 'print JSON')
    .action(status)
  command
    .command('logs')
    .description('Print the end of the log.')
    .option('--lines <number>', 'how many lines', parseLines, LINES)
    .option('--follow', 'go on printing what is written, until Ctrl-C')
    .action(logs)
  command.command('restart').description('Stop the server and start it again.').action(restart)
  command.command('remove').description('Stop the server and remove the service, not the program.').action(remove)
  command
    .command('rollback')
    .description('Use the release before, which install.sh has kept; once more, and it is the newer one again.')
    .action(rollback)
  return command
}

const installation = findInstallation()
const find = () => findSupervisor(installation.command)

async function install(words: readonly string[]): Promise<void> {
  const supervisor = find()
  const { options, config } = readOptions(words.length > 0 ? words : (supervisor.options() ?? []))
  if (!(await runs(supervisor)()) && (await isAnswered(config))) {
    throw new Error(
      `service: a server answers at port ${config.port} already; end it first, or -- --port takes another port`,
    )
  }
  tell(await supervisor.install(serveArguments(installation, options), options))
  console.log(await awaitAnswer(config, runs(supervisor)))
  next('service status', 'service logs')
}

async function status({ json }: { json?: boolean }): Promise<void> {
  const supervisor = find()
  const { installed, running, said } = await supervisor.status()
  const options = supervisor.options() ?? []
  if (!running) process.exitCode = 1
  if (json) {
    const { program } = installation
    console.log(JSON.stringify({ supervisor: supervisor.name, installed, running, options, program, said }, null, 2))
    return
  }
  if (!installed) {
    console.log('The service is not installed.')
    next('service install')
    return
  }
  console.log(`The service ${running ? 'runs' : 'does not run'}, under ${supervisor.name}: ${said}`)
  console.log(`It serves ${options.length > 0 ? `with ${options.join(' ')}` : 'with default settings'}.`)
  next(...(running ? ['service logs'] : ['service logs', 'service restart']))
}

async function logs({ lines, follow = false }: { lines: number; follow?: boolean }): Promise<void> {
  const [program, ...words] = installed().logs(lines, follow)
  const [code] = await once(spawn(program, words, { stdio: 'inherit' }), 'exit')
  process.exitCode = code ?? 0
}

async function restart(): Promise<void> {
  await startAgain(installed())
  next('service status')
}

async function remove(): Promise<void> {
  tell(await find().remove())
  console.log('The program, and what people taught, are still there.')
  next('serve', 'service install')
}

async function rollback(): Promise<void> {
  const release = exchangeReleases(installation)
  console.log(`${release} is in use now.`)
  const supervisor = withoutFailing(find)
  if (supervisor && (await supervisor.status()).running) await startAgain(supervisor)
  else console.log('A server that was started by hand goes on with the other release until it is started again.')
  next('--version', 'service rollback')
}

function installed(): Supervisor {
  const supervisor = find()
  if (supervisor.options() === undefined) {
    throw new Error(`service: it is not installed; type: ${installation.command} service install`)
  }
  return supervisor
}

async function startAgain(supervisor: Supervisor): Promise<void> {
  tell(await supervisor.restart())
  console.log(await awaitAnswer(readOptions(supervisor.options() ?? []).config, runs(supervisor)))
}

const runs = (supervisor: Supervisor) => async () => (await supervisor.status()).running

// Options of serve, checked and written in full: a service starts elsewhere, so that folders become absolute.
function readOptions(words: readonly string[]): { options: string[]; config: Config } {
  const command = serveCommand().action(() => {})
  command.exitOverride().parse(words, { from: 'user' })
  const given = command.opts<Record<string, string | undefined>>()
  const config = readConfig(given, {})
  const options = Object.entries(SETTINGS).flatMap(([name, { flag, expected }]) => {
    const value = given[name]
    if (value === undefined) return []
    return [flag.split(' ')[0], expected === 'a folder' ? resolve(String(config[name as keyof Config])) : value]
  })
  return { options, config }
}

function parseLines(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number from 1 on expected.')
}

function withoutFailing<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function tell(account: Account): void {
  for (const sentence of account) console.log(sentence)
}

function next(...commands: readonly string[]): void {
  console.log(`Next: ${commands.map((words) => `${installation.command} ${words}`).join(', or ')}`)
}
