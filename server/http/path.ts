/** The path of a request as the routes know it. Not the query, and not whether there is a route. */

import { getPath } from 'hono/utils/url'

const API = '/api/v1/'

/**
 * @param basePath the path below which a proxy that keeps it serves this server, such as /digits/; '' for none
 * @returns reads the path of a request: without the base path where it is there, so that a proxy that strips it works too; with one
 *   slash where a proxy or a client has put two in a row; and, in the API, without the slash at its end. Elsewhere that one counts:
 *   /predict/ and /predict are routes of two older programs.
 */
export function createPathReader(basePath: string): (request: Request) => string {
  return (request) => {
    let path = getPath(request)
    if (path.includes('//')) path = path.replace(/\/{2,}/g, '/')
    if (basePath !== '' && path.startsWith(basePath)) path = path.slice(basePath.length - 1)
    return path.startsWith(API) && path.endsWith('/') ? path.slice(0, -1) : path
  }
}

/** The Location that adds the slash to a base path that was asked for without it: relative, for the proxy's own prefix is unknown here. */
export function withSlash(basePath: string, url: string): string {
  const query = url.indexOf('?')
  return `${basePath.split('/').at(-2)}/${query < 0 ? '' : url.slice(query)}`
}
