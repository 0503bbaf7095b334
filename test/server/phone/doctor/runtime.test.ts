import { describe, expect, it } from 'vitest'
import { checkNeon, checkNode, checkTypeStripping } from '../../../../server/phone/doctor/runtime.ts'

const BUILD = { version: '24.18.0', arch: 'arm', v8: '13.6', sqlite: true, termux: true }

describe('the check of Node', () => {
  it.each([
    ['24.0.0', 'arm', 'problem'],
    ['24.7.0', 'arm', 'problem'],
    ['24.7.9', 'ia32', 'problem'],
    ['24.8.0', 'arm', 'ok'],
    ['24.18.0', 'arm', 'ok'],
    ['25.0.0', 'arm', 'ok'],
    ['22.13.0', 'arm', 'ok'],
    ['24.7.0', 'arm64', 'ok'],
    ['24.0.0', 'x64', 'ok'],
    ['22.12.9', 'x64', 'problem'],
    ['9.11.2', 'x64', 'problem'],
    ['26.0.0-nightly', 'arm', 'ok'],
  ])('of version %s on %s is: %s', (version, arch, state) => {
    expect(checkNode({ ...BUILD, version, arch }).state).toBe(state)
  })

  it('names the version that does not crash, and the command for it in Termux', () => {
    expect(checkNode({ ...BUILD, version: '24.4.1' })).toMatchObject({
      found: 'Node 24.4.1, V8 13.6, arm',
      expected: expect.stringContaining('24.8.0 or newer'),
      remedy: 'pkg upgrade nodejs-lts',
    })
  })

  it('finds a problem in a build without SQLite', () => {
    expect(checkNode({ ...BUILD, sqlite: false }).state).toBe('problem')
  })

  it('asks for type stripping in a clone only', () => {
    expect(checkTypeStripping(true, false).state).toBe('problem')
    expect(checkTypeStripping(true, 'strip').state).toBe('ok')
    expect(checkTypeStripping(false, false).state).toBe('ok')
  })
})

describe('the check of NEON', () => {
  const cpuinfo = (features: string) => `processor\t: 0\nFeatures\t: ${features}\nCPU implementer\t: 0x41\n`

  it.each([
    ['a Cortex-A7', 'half thumb fastmult vfp edsp neon vfpv3 tls vfpv4', 'ok'],
    ['a 64-bit processor', 'fp asimd evtstrm aes', 'ok'],
    ['a Tegra 2', 'swp half thumb fastmult vfp edsp vfpv3 vfpv3d16', 'warning'],
  ])('of %s is by /proc/cpuinfo', (_, features, state) => {
    for (const simd of [true, false]) expect(checkNeon('arm', cpuinfo(features), simd).state).toBe(state)
  })

  it('is by what V8 uses, where /proc is denied or is that of an emulator', () => {
    for (const text of [undefined, 'model name\t: AMD EPYC\n']) {
      expect(checkNeon('arm', text, true).state).toBe('ok')
      expect(checkNeon('arm', text, false).state).toBe('warning')
    }
  })

  it('is not made of other processors', () => {
    expect(checkNeon('x64', undefined, false)).toMatchObject({ state: 'ok' })
  })
})
