/** What a benchmark reads off Node: the time, the memory of the process, and how long its thread has had a core. */

export const NODE_METER = {
  clock: () => performance.now(), // ms
  memory: () => process.memoryUsage.rss(), // bytes
  processor: () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000 // ms
  },
}
