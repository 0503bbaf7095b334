// Memory below the arena that a kernel may use while it runs; nothing stays in it between two calls.

/** 12 KiB; this and the constants fit below RESERVED of core/backend/backend.ts. */
export const SCRATCH = memory.data(12288, 16)
