// Memory below the arena that a kernel may use while it runs. Its contents do not outlive the call.

/** 20 KiB. Together with the constants it fits below RESERVED of core/backend/backend.ts. */
export const SCRATCH = memory.data(20480, 16)
