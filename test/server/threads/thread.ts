/** The entry of a thread for tests: its jobs say what it does. */

import { readFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { doJobs } from '../../../server/threads/jobs.ts'

export type TestJob =
  | { readonly type: 'count'; readonly to: number } // reports each number
  | { readonly type: 'read'; readonly path: string }
  | { readonly type: 'wait' } // until it is stopped
  | { readonly type: 'hang' } // without looking at messages
  | { readonly type: 'exit' }

doJobs<TestJob, number, number>(async (job, { report, pause }) => {
  if (job.type === 'count') for (let i = 1; i <= job.to; i++) report(i)
  if (job.type === 'read') readFileSync(job.path)
  if (job.type === 'exit') process.exit()
  if (job.type === 'wait' || job.type === 'hang') report(0)
  while (job.type === 'wait') await pause(1)
  while (job.type === 'hang');
  return threadId
})
