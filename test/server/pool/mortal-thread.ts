/** A thread for tests of the crew: answers with its own number, and ends when it is told to forget, or asked of a key below 0. */

import { type MessagePort, parentPort, threadId } from 'node:worker_threads'
import type { Command, Report } from '../../../server/pool/messages.ts'

const port = parentPort as MessagePort
port.on('message', ({ id, task }: Command) => {
  if (task.type === 'forget' || (task.type === 'sample' && task.model.key < 0)) process.exit(1)
  if (task.type === 'drop') return
  port.postMessage({ id, reply: { type: 'scores', scores: new Float32Array(1), infer: threadId } } satisfies Report)
})
port.postMessage({ id: 0, reply: { type: 'ready' } } satisfies Report)
