/** `inkling doctor`: says what keeps Inkling from serving on this machine, what hampers it, and how to mend that. */

import { Command } from 'commander'
import { type Config, ConfigError, readConfig, settingOptions } from '../config.ts'
import { ownVariables, type Variables } from './own-variables.ts'

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Check this machine: whether Inkling can serve here, and what would make it better. Exit code 1 where something keeps it from serving.',
  )
  command.option('--json', 'print what was found as one JSON object')
  command.optionsGroup('Settings of serve, to be checked:')
  for (const [flag, description] of settingOptions()) command.option(flag, description)
  return command.action(doctor)
}

async function doctor({ json, ...flags }: Record<string, string | undefined> & { json?: string }): Promise<void> {
  const { variables, notes } = await ownVariables(flags, process.env)
  const [config, problems] = readSettings(flags, variables)
  const { examine } = await import('../phone/doctor/examine.ts')
  const { diagnosisText } = await import('../phone/doctor/report.ts')
  const { terminalOf } = await import('../phone/qr-code.ts')
  const diagnosis = await examine(config, problems, notes)
  process.stdout.write(
    json
      ? `${JSON.stringify(diagnosis, null, 2)}\n`
      : diagnosisText(diagnosis, terminalOf(process.stdout, process.env)),
  )
  if (!diagnosis.ok) process.exitCode = 1
}

// The settings, and what is wrong with variables, whose defaults are then taken. A wrong flag is wrong use of this command.
function readSettings(flags: Variables, variables: Record<string, string | undefined>): [Config, string[]] {
  const problems: string[] = []
  for (;;) {
    try {
      return [readConfig(flags, variables), problems]
    } catch (error) {
      const [name] = (error as Error).message.split(' ')
      if (!(error instanceof ConfigError && name in variables)) throw error
      problems.push(error.message)
      delete variables[name]
    }
  }
}
