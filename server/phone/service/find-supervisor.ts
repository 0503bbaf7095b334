/** Which supervisor this system has: runit in Termux, else systemd. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { homeFolder } from '../../files/home.ts'
import { createRunit } from './runit.ts'
import type { Supervisor } from './supervisor.ts'
import { createSystemd } from './systemd.ts'

/** systemd makes this folder where it runs the machine. */
const SYSTEMD = '/run/systemd/system'

/**
 * @param start the command that starts the server by hand, for the advice where there is no supervisor
 * @throws Error with a sentence that says what was found and what was expected
 */
export function findSupervisor(start: string, env: NodeJS.ProcessEnv = process.env): Supervisor {
  const { PREFIX: prefix } = env
  if (prefix?.includes('/com.termux/')) return createRunit({ prefix, home: homeFolder(env) })
  if (existsSync(SYSTEMD)) return createSystemd(homeFolder(env))
  const found = existsSync('/run/openrc')
    ? 'OpenRC, whose services are for root to make'
    : `no $PREFIX of Termux and no ${SYSTEMD}`
  throw new Error(
    `service: needs runit in Termux, or systemd; this system has ${found}. Without: ${start} serve >${join(homeFolder(env), 'inkling.log')} 2>&1 &`,
  )
}
