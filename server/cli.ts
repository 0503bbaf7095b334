/** The command line: names the commands, loads the one that is called, and turns errors into sentences and exit codes. */

import type { Command } from 'commander'
import { programVersion } from './files/program.ts'

// A command's module is loaded only when it runs or shows its help, so that --version and --help are quick on a phone.
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  serve: {
    summary: 'serve the page and the API',
    load: async () => (await import('./commands/serve.ts')).serveCommand(),
  },
  doctor: {
    summary: 'say what keeps it from serving here, and how to mend that',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  },
  train: {
    summary: 'train a model from a data set',
    load: async () => (await import('./commands/train.ts')).trainCommand(),
  },
  evaluate: {
    summary: 'measure a model on a test set',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  },
  predict: {
    summary: 'recognise the digits in pictures, and in rows of pixels',
    load: async () => (await import('./commands/predict.ts')).predictCommand(),
  },
  read: {
    summary: 'read the numbers in pictures',
    load: async () => (await import('./commands/read.ts')).readCommand(),
  },
  bench: {
    summary: 'measure how fast this machine is',
    load: async () => (await import('./commands/bench.ts')).benchCommand(),
  },
  export: {
    summary: "write a model's weights for other programs",
    load: async () => (await import('./commands/export.ts')).exportCommand(),
  },
  import: {
    summary: 'make a model of weights from elsewhere',
    load: async () => (await import('./commands/import.ts')).importCommand(),
  },
  references: {
    summary: 'make knn of all training images on this machine',
    load: async () => (await import('./commands/references.ts')).referencesCommand(),
  },
  learn: {
    summary: 'learn from the corrections that are kept',
    load: async () => (await import('./commands/learn.ts')).learnCommand(),
  },
  models: {
    summary: 'list models and their versions, or go back to one',
    load: async () => (await import('./commands/models.ts')).modelsCommand(),
  },
  corrections: {
    summary: 'list, export, delete or repair what people have taught',
    load: async () => (await import('./commands/corrections.ts')).correctionsCommand(),
  },
  token: {
    summary: "make the owner's token",
    load: async () => (await import('./commands/token.ts')).tokenCommand(),
  },
  service: {
    summary: 'keep the server running on this machine',
    load: async () => (await import('./commands/service.ts')).serviceCommand(),
  },
  dataset: {
    summary: 'fetch, verify or describe a data set',
    load: async () => (await import('./commands/dataset.ts')).datasetCommand(),
  },
}

async function main(given: readonly string[]): Promise<number> {
  const words = await expandWords(given)
  if (words.some((word) => /^--token(=|$)/.test(word))) {
    console.error(
      'inkling: a token on the command line can be seen by other users; INKLING_TOKEN or INKLING_TOKEN_FILE takes it',
    )
    return 2
  }
  try {
    if (!(await serve(words))) await run(words)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    const { code, exitCode } = error as { code?: unknown; exitCode?: number }
    if (String(code).startsWith('commander.')) return exitCode === 0 ? 0 : 2
    console.error(`inkling: ${sentence(error)}`)
    return exitCode ?? (isRefusedModel(error) ? 3 : 1)
  }
}

// Paths of every option and argument, so that no command has to think of `~`.
async function expandWords(words: readonly string[]): Promise<string[]> {
  if (!words.some((word) => word.includes('~'))) return [...words]
  const { expandWord } = await import('./files/home.ts')
  return words.map((word) => expandWord(word))
}

// A phone starts its server this way, and commander would take a tenth of the time until it answers.
async function serve([name, ...words]: readonly string[]): Promise<boolean> {
  if (name !== 'serve') return false
  const { readFlags, runServer } = await import('./commands/run-server.ts')
  const flags = readFlags(words)
  if (flags) await runServer(flags)
  return flags !== undefined
}

async function run(words: readonly string[]): Promise<void> {
  const { Command } = await import('commander')
  const program = new Command('inkling')
    .description('Handwritten-digit recognition on the phone in your drawer.')
    .version(programVersion())
    .exitOverride()
    .showHelpAfterError('(inkling --help says more)')
  const named = words.find((word) => Object.hasOwn(COMMANDS, word))
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    if (name === named) program.addCommand(inherit(await load(), program))
    else program.command(name).description(summary)
  }
  await program.parseAsync(words, { from: 'user' })
}

// Subcommands inherit exitOverride and the hint about --help.
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child, parent)
  return command
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path } = error as NodeJS.ErrnoException
  if (path !== undefined && ['ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR'].includes(code ?? '')) {
    return `cannot_read: ${path} (${code})`
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return `storage_full: there is no room for ${path ?? 'what was to be written'} (${code}); delete something on this disk`
  }
  return isRefusedModel(error) ? `${code}: ${error.message}` : error.message
}

// Whether a model's weights or card were refused. It compares names, because the classes would load much code.
function isRefusedModel(error: unknown): boolean {
  return error instanceof Error && (error.name === 'WeightsError' || (error as { code?: unknown }).code === 'bad_card')
}

// A reader that closes the pipe early, as head does, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))
