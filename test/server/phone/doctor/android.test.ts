import { describe, expect, it } from 'vitest'
import type { BriefResult } from '../../../../server/phone/brief-process.ts'
import {
  checkBatteryOptimisation,
  checkPhantomProcesses,
  type RunTool,
} from '../../../../server/phone/doctor/android.ts'

const SETTING = 'settings_enable_monitor_phantom_procs'

/** Programs of Android that print what is given for their command line; the rest is denied, as to an app. */
function android(answers: Readonly<Record<string, string | BriefResult>>): RunTool {
  return async (program, ...args) => {
    const answer = answers[[program, ...args].join(' ')] ?? denied
    return typeof answer === 'string' ? { kind: 'ended', code: 0, stdout: `${answer}\n`, stderr: '' } : answer
  }
}

const denied: BriefResult = { kind: 'ended', code: 255, stdout: '', stderr: 'Permission Denial' }
const sdk = (version: number) => ({ 'getprop ro.build.version.sdk': String(version) })
const setting = (value: string) => ({ [`settings get global ${SETTING}`]: value })

describe('the killer of phantom processes', () => {
  it.each([
    ['is not in Android 7', { ...sdk(24) }, 'ok'],
    ['is off by the setting', { ...sdk(33), ...setting('false') }, 'ok'],
    ['is off by the property', { ...sdk(33), [`getprop persist.sys.fflag.override.${SETTING}`]: 'false' }, 'ok'],
    ['is on where nobody has set it', { ...sdk(33), ...setting('null') }, 'warning'],
    ['is on by the setting', { ...sdk(35), ...setting('true') }, 'warning'],
    ['is unknown where the setting is denied', { ...sdk(33) }, 'unknown'],
    ['is unknown where everything is denied', {}, 'unknown'],
    ['is unknown where everything hangs', { 'getprop ro.build.version.sdk': { kind: 'hung' } as const }, 'unknown'],
  ])('%s', async (_, answers, state) => {
    expect((await checkPhantomProcesses(android(answers))).state).toBe(state)
  })

  it('is switched off from a computer, in Android 12 by another command than later', async () => {
    const remedy = async (version: number) => (await checkPhantomProcesses(android(sdk(version)))).remedy
    expect(await remedy(31)).toMatch(/^adb shell .*max_phantom_processes/)
    expect(await remedy(32)).toBe(`adb shell settings put global ${SETTING} false`)
  })
})

describe('battery optimisation', () => {
  const list = (apps: string) => ({ 'dumpsys deviceidle whitelist': apps })

  it.each([
    ['is off for Termux where it is in the list', list('system,com.android.phone,1001\nuser,com.termux,10123'), 'ok'],
    ['is on where it is not', list('system,com.android.phone,1001\nuser,com.termux.api,10124'), 'warning'],
    ['is unknown where that is denied', {}, 'unknown'],
    ['is unknown where that is denied with exit code 0', list('Permission Denial: can’t dump'), 'unknown'],
  ])('%s', async (_, answers, state) => {
    expect(await checkBatteryOptimisation(android(answers))).toMatchObject({
      state,
      ...(state !== 'ok' && { remedy: 'adb shell dumpsys deviceidle whitelist +com.termux' }),
    })
  })
})
