/** What a benchmark reads from Node: the time, the memory of the process, and the processor time of its thread. */

export const NODE_METER = {
  clock: () => performance.now(), // ms
  memory: () => process.memoryUsage.rss(), // bytes
  processor: () => {
    const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage() // Node 22 knows only that of all threads
    return (user + system) / 1000 // ms
  },
}
