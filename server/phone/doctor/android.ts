/** Checks of what Android does to an app in the background: it kills processes, and stops them to save the battery. */

import type { BriefResult } from '../brief-process.ts'
import { type Finding, fault, ok } from './finding.ts'

/** The first Android that kills processes which apps start: 12. The switch for it came with the next, 12L. */
const KILLING_SDK = 31

const APP = 'com.termux'

/** How a program of the system is run, with a time limit. */
export type RunTool = (program: string, ...args: string[]) => Promise<BriefResult>

/** Whether Android ends processes that an app has started: those beyond 32, and those that compute much. */
export async function checkPhantomProcesses(run: RunTool): Promise<Finding> {
  const name = 'phantom-processes'
  const setting = 'settings_enable_monitor_phantom_procs'
  const [version, property, set] = await Promise.all([
    read(run, 'getprop', 'ro.build.version.sdk'),
    read(run, 'getprop', `persist.sys.fflag.override.${setting}`),
    read(run, 'settings', 'get', 'global', setting),
  ])
  const sdk = Number(version)
  if (sdk > 0 && sdk < KILLING_SDK) return ok(name, `Android API ${sdk} does not kill them`)
  const expected = `${setting} false; else Android may end the server while it learns`
  const remedy =
    sdk === KILLING_SDK
      ? 'adb shell "device_config set_sync_disabled_for_tests persistent; device_config put activity_manager max_phantom_processes 2147483647"'
      : `adb shell settings put global ${setting} false`
  const value = property || set
  if (value === 'false') return ok(name, 'Android does not kill them')
  if (value === 'true' || value === 'null') {
    return fault('warning', name, 'Android kills those that compute much', expected, remedy)
  }
  return fault('unknown', name, 'Android does not say whether it kills them', expected, remedy)
}

/** Whether Android leaves Termux running while the screen is off. Only an app with the permission DUMP may read that. */
export async function checkBatteryOptimisation(run: RunTool): Promise<Finding> {
  const name = 'battery-optimisation'
  const expected = `off for ${APP}; else the server sleeps with the screen`
  const remedy = `adb shell dumpsys deviceidle whitelist +${APP}`
  const list = await read(run, 'dumpsys', 'deviceidle', 'whitelist')
  if (!/^(system|system-excidle|user),/m.test(list)) {
    return fault('unknown', name, 'Android does not tell an app', expected, remedy)
  }
  const exempt = list.split('\n').some((line) => line.split(',')[1] === APP)
  return exempt ? ok(name, `off for ${APP}`) : fault('warning', name, `on for ${APP}`, expected, remedy)
}

// What a program prints; empty where it fails. An app may read neither everything nor everywhere.
async function read(run: RunTool, program: string, ...args: string[]): Promise<string> {
  const result = await run(program, ...args)
  return result.kind === 'ended' && result.code === 0 ? result.stdout.trim() : ''
}
