/** Real clients, as people call them: curl, Python's own library and requests, fetch. Each sends a drawing of a seven in its own way. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProcess, runTool } from '../../../child-processes.ts'
import { describeUnless } from '../../../skip.ts'
import { type RunningServer, startServer } from '../../running-server.ts'

const FILE = resolve('test/arm/fixtures/7-grey.png')
const missing = (program: string, ...args: string[]) =>
  !runTool(program, ...args) && `${[program, ...args].join(' ')} does not run here`

let server: RunningServer
beforeAll(async () => {
  server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_DATA: '/nonexistent' })
})
afterAll(() => server.stop())

async function answerOf(program: string, args: readonly string[]): Promise<{ digit?: number; detail?: string }> {
  const { stdout, stderr } = await runProcess(program, args)
  return JSON.parse(stdout.toString() || JSON.stringify({ detail: stderr.toString() }))
}

describeUnless(missing('curl', '--version'), 'curl', () => {
  test.each([
    ['a form', ['-F', `file=@${FILE}`]],
    [
      'a form with other fields and a name of its own',
      ['-F', 'model=x', '-F', `upload=@${FILE};filename=../../x;type=image/png`],
    ],
    ['a form whose field is the content', ['-F', `file=<${FILE}`]],
    ['bytes under its own type', ['--data-binary', `@${FILE}`]],
    ['bytes without a type', ['-H', 'Content-Type:', '--data-binary', `@${FILE}`]],
    ['an upload', ['-X', 'POST', '-T', FILE]],
    ['an upload in chunks', ['-X', 'POST', '-H', 'Transfer-Encoding: chunked', '-T', FILE]],
    ['a form after 100 Continue', ['-H', 'Expect: 100-continue', '-F', `file=@${FILE}`]],
    ['bytes over HTTP/1.0', ['-0', '-H', 'Content-Type: image/png', '--data-binary', `@${FILE}`]],
    [
      'base64 as base64(1) prints it',
      [
        '-H',
        'Content-Type: application/json',
        '-d',
        `{"image": "${readFileSync(FILE, 'base64').replace(/.{76}/g, '$&\n')}"}`,
      ],
    ],
  ])('%s', async (_, args) => {
    expect(await answerOf('curl', ['-s', ...args, `${server.url}/api/v1/predict`])).toMatchObject({ digit: 7 })
  })

  test('JSON without its type is told which header to add', async () => {
    const { detail } = await answerOf('curl', ['-s', '-d', '{"strokes":[]}', `${server.url}/api/v1/predict`])
    expect(detail).toBe('the body is JSON: add the header Content-Type: application/json')
  })
})

const PYTHON = `
import base64, json, sys, urllib.request, urllib.error
url, path, way = sys.argv[1:]
png = open(path, 'rb').read()
def post(data, **headers):
    request = urllib.request.Request(url, data=data, headers={name.replace('_', '-'): value for name, value in headers.items()}, method='POST')
    try:
        return urllib.request.urlopen(request).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
def as_json(value, **options):
    return post(json.dumps(value, **options).encode(), Content_Type='application/json')
`
const WAYS = {
  bytes: 'print(post(png))',
  'base64 in lines': `print(as_json({'image': 'data:image/png;base64,' + base64.encodebytes(png).decode()}))`,
  'base64 for URLs, alone': `print(as_json({'image': base64.urlsafe_b64encode(png).decode()}))`,
  'base64 after a byte order mark': `print(post(json.dumps({'image': base64.b64encode(png).decode()}).encode('utf-8-sig'), Content_Type='application/json; charset=utf-8'))`,
  'float64 in lists of lists, indented': `
import math
ink = lambda x, y: (5 <= y <= 7 and 8 <= x <= 20) or (7 <= y <= 23 and abs(x - (20 - (y - 6) * 0.55)) < 1.6)
rows = [[math.pi / 4 if ink(x, y) else 1 / 3e5 for x in range(28)] for y in range(28)]
print(as_json({'pixels': rows}, indent=4))`,
  'uint8 as 1x28x28': `
ink = lambda x, y: (5 <= y <= 7 and 8 <= x <= 20) or (7 <= y <= 23 and abs(x - (20 - (y - 6) * 0.55)) < 1.6)
print(as_json({'pixels': [[[255 if ink(x, y) else 0 for x in range(28)] for y in range(28)]]}))`,
}

describeUnless(missing('python3', '--version'), 'Python', () => {
  test.each(Object.entries(WAYS))('%s', async (_, way) => {
    const program = `${PYTHON}${way}`
    const answer = await answerOf('python3', ['-c', program, `${server.url}/api/v1/predict`, FILE, ''])
    expect(answer).toMatchObject({ digit: 7 })
  })
})

describeUnless(missing('python3', '-c', 'import requests'), 'requests', () => {
  test.each([
    ['files=', `files={'file': open(path, 'rb')}`],
    ['files= and data=', `files={'x': ('../../x', png, 'image/png')}, data={'model': 'cnn'}`],
    ['files= without a name', `files={'file': (None, png)}`],
    ['data=', 'data=png'],
    ['data= of a generator', 'data=iter([png[:50], png[50:]])'],
    ['json=', `json={'image': base64.b64encode(png).decode()}`],
  ])('%s', async (_, argument) => {
    const program = `${PYTHON}import requests\nprint(requests.post(url, ${argument}).text)`
    const answer = await answerOf('python3', ['-c', program, `${server.url}/api/v1/predict`, FILE, ''])
    expect(answer).toMatchObject({ digit: 7 })
  })
})

test('fetch: Blob, File in FormData, ArrayBuffer, URLSearchParams’ type, a stream', async () => {
  const bytes = new Uint8Array(readFileSync(FILE))
  const form = new FormData()
  form.append('drawing', new File([bytes], 'sieben – 7.png', { type: 'image/png' }))
  const bodies: RequestInit[] = [
    { body: new Blob([bytes]) },
    { body: new Blob([bytes], { type: 'image/png' }) },
    { body: form },
    { body: bytes.buffer },
    { body: bytes, headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' } },
    { body: new Blob([bytes]).stream(), duplex: 'half' } as RequestInit,
  ]
  for (const init of bodies) {
    const response = await fetch(`${server.url}/api/v1/predict`, { method: 'POST', ...init })
    expect(await response.json()).toMatchObject({ digit: 7 })
  }
})
