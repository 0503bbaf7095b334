/** Pages like those of the three older programs in a real browser, with this server behind them instead of their own. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from '../../../web/visit.ts'
import { testModel, testWeights } from '../../models/test-model.ts'
import { type RunningServer, startServer } from '../../running-server.ts'

/** The zoo's page: fills its menu from /list, and posts the cells of its grid to /process. */
const zooPage = (server: string) => `<!doctype html><title>zoo</title>
<select id="models"></select><button id="submit">Submit</button><b id="result">?</b>
<script>
  const cells = Array.from({ length: 784 }, (_, k) => (k % 28 > 12 && k % 28 < 16 && k > 112 && k < 672 ? 1 : 0))
  const request = (method, path, body, done) => {
    const xhr = new XMLHttpRequest()
    xhr.open(method, '${server}' + path)
    xhr.setRequestHeader('Accept', 'application/json, text/plain, */*')
    xhr.onload = () => (xhr.status === 200 ? done(xhr.responseText) : (result.innerText = 'error'))
    xhr.onerror = () => (result.innerText = 'error')
    xhr.send(body)
  }
  request('GET', '/list', null, (text) => {
    for (const [id, name] of Object.entries(JSON.parse(text))) models.add(new Option(name, id))
  })
  submit.onclick = () => {
    const form = new FormData()
    form.append('csrfmiddlewaretoken', '')
    form.append('digit', cells.join(''))
    form.append('model', models.value)
    result.innerText = 'waiting for response'
    request('POST', '/process', form, (text) => (result.innerText = text))
  }
</script>`

/** A page with a canvas on which a 7 is drawn, and what it sends of it. */
const canvasPage = (side: number, colour: string, width: number, clear: string, send: string) => `<!doctype html>
<title>canvas</title><canvas id="canvas" width="${side}" height="${side}"></canvas><b id="result"></b>
<script>
  const pen = canvas.getContext('2d')
  const draw = () => {
    pen.strokeStyle = '${colour}'
    pen.lineWidth = ${width}
    pen.lineCap = pen.lineJoin = 'round'
    pen.beginPath()
    for (const [x, y] of [[0.28, 0.22], [0.72, 0.22], [0.45, 0.8]]) pen.lineTo(x * ${side}, y * ${side})
    pen.stroke()
  }
  const wipe = () => {
    pen.clearRect(0, 0, ${side}, ${side})
    pen.fillStyle = '${clear}'
    pen.fillRect(0, 0, ${side}, ${side})
  }
  const post = (url, type, body) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    xhr.setRequestHeader('Content-Type', type)
    xhr.onload = () => (result.innerText = xhr.status + ' ' + xhr.responseText)
    xhr.send(body)
  }
  const predict = () => { ${send} }
</script>`

describeInBrowser('the older pages', (browser) => {
  let server: RunningServer
  let elsewhere: Server
  beforeAll(async () => {
    // models of which one answers to each of the zoo's ids; what they say is not the point here
    const weights = testWeights(...['mlp-300-100', 'cnn'].map((id) => testModel(id)))
    server = await startServer({ INKLING_WEIGHTS: weights, INKLING_RATE_LIMIT: 'off' })
    elsewhere = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(zooPage(server.url)))
    await new Promise<void>((resolve) => elsewhere.listen(0, 'localhost', resolve))
  })
  afterAll(async () => {
    elsewhere?.close()
    await server?.stop()
  })

  test('the zoo’s, served from elsewhere, fills its menu and shows a digit for every model in it', async () => {
    const page = await browser().newPage()
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`)
    const options = page.locator('#models option')
    await expect
      .poll(() => options.allTextContents())
      .toEqual(['ANN', 'ANN with MC dropout', 'CNN', 'CNN with MC dropout'])
    for (const id of ['ann', 'ann_mcd', 'cnn', 'cnn_mcd']) {
      await page.locator('#models').selectOption(id)
      await page.locator('#submit').click()
      await expect.poll(() => page.locator('#result').innerText()).toMatch(/^\d$/)
    }
    await page.close()
  })

  const canvases: [string, (server: string) => string, string[], RegExp][] = [
    [
      'the convolutional network’s, before and after Clear, shows the 7 in brackets',
      (server) =>
        canvasPage(
          280,
          'black',
          22,
          '#E6E6E6',
          `post('${server}/predict/', 'application/x-www-form-urlencoded; charset=UTF-8', canvas.toDataURL())`,
        ),
      ['draw(); predict()', 'wipe(); draw(); predict()'],
      /^200 \[7\]$/,
    ],
    [
      'the small network’s, whose canvas is transparent, shows the 7',
      (server) =>
        canvasPage(
          140,
          '#ffffff',
          10,
          '#000',
          `post('${server}/predict', 'application/json', JSON.stringify(pen.getImageData(0, 0, 140, 140).data))`,
        ),
      ['draw(); predict()', 'wipe(); draw(); predict()'],
      /^200 7$/,
    ],
  ]

  test.each(canvases)('%s', async (_, html, steps, expected) => {
    const shipped = await startServer({ INKLING_RATE_LIMIT: 'off' })
    const page = await browser().newPage()
    // their pages came from the server they ask
    await page.route(`${shipped.url}/old`, (route) => route.fulfill({ contentType: 'text/html', body: html('') }))
    await page.goto(`${shipped.url}/old`)
    for (const step of steps) {
      await page.evaluate(`result.innerText = ''; ${step}`)
      await expect.poll(() => page.locator('#result').innerText()).toMatch(expected)
    }
    await page.close()
    expect(await shipped.stop()).toBe(0)
  })

  test.each(
    canvases,
  )('from another origin, %s where the owner allows that origin, and is refused otherwise', async (_, html, steps, expected) => {
    const pages = createServer((request, response) => {
      const server = new URL(request.url ?? '', 'http://pages').searchParams.get('server') ?? ''
      response.setHeader('Content-Type', 'text/html').setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
      response.end(html(server))
    })
    await new Promise<void>((resolve) => pages.listen(0, 'localhost', resolve))
    const origin = `http://localhost:${(pages.address() as AddressInfo).port}`
    for (const allowed of [origin, '']) {
      const shipped = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_ORIGINS: allowed })
      const page = await browser().newPage()
      const refused: string[] = []
      page.on('console', (message) => refused.push(message.text()))
      await page.goto(`${origin}/?server=${shipped.url}`)
      for (const step of steps) {
        await page.evaluate(`result.innerText = ''; ${step}`)
        if (allowed) await expect.poll(() => page.locator('#result').innerText()).toMatch(expected)
        else await expect.poll(() => refused.join()).toContain('blocked by CORS policy')
      }
      expect(refused.some((text) => text.includes('CORS'))).toBe(!allowed)
      await page.close()
      expect(await shipped.stop()).toBe(0)
    }
    pages.close()
  })
})
