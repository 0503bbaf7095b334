/** Where the benchmark of this page is put together: this browser is measured on demand, the phone when somebody looks. */

import { measurableBackends } from '../../core/benchmark/backends.ts'
import { fetchBenchmark, fetchSystem } from '../api/api.ts'
import { wasmModules } from '../models/kernels.ts'
import { createSpeedView } from '../views/benchmark.ts'
import { Measuring } from './browser-benchmark.ts'
import { browserEnvironment } from './environment.ts'
import { fetchAllModels } from './models.ts'
import { PhoneSpeed } from './phone-benchmark.ts'

/** @param bytes gives the size of all models together, 0 where it is not known */
export function createComparing(bytes: () => number): { wake(): void } {
  const view = createSpeedView(toggled, () => (measuring.busy ? measuring.stop() : void measuring.start()))
  const phone = new PhoneSpeed(fetchBenchmark, changed)
  const measuring = new Measuring(
    {
      models: fetchAllModels,
      async machine() {
        const system = await fetchSystem(new AbortController().signal)
        const { backends, selfTest } = await measurableBackends(wasmModules())
        const program = system.kind === 'ok' ? system.value.version : ''
        return { backends, environment: browserEnvironment(program, selfTest) }
      },
      breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    },
    changed,
  )

  function look(): void {
    phone.want(view.open && document.visibilityState === 'visible')
  }

  function toggled(): void {
    look()
    changed()
  }

  function changed(): void {
    view.show(measuring, phone, bytes())
  }

  document.addEventListener('visibilitychange', look)
  changed()
  return { wake: look }
}
