/** Whose corrections count for everyone's model. */

/**
 * `anyone`: every correction with a plausible label; `agreed`: a stranger's when another client network or two other families of models
 * agrees; `owner`: only those that the owner gave or approved.
 */
export const TEACHERS = ['anyone', 'agreed', 'owner'] as const

export type Teachers = (typeof TEACHERS)[number]
