/** Where a browser has come to: a page of ours, or an address of somebody else that we sent it to. */
export interface Arrival {
  status: number
  url: URL
  html: string
}

/** A browser without script: keeps cookies, follows redirects as long as they lead to us, sends forms. */
export class PlainBrowser {
  readonly #home: string
  readonly #jar = new Map<string, string>()
  constructor(home: string) {
    this.#home = new URL(home).origin
  }

  keep(cookie: string): void {
    const [pair = ''] = cookie.split(';')
    const cut = pair.indexOf('=')
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie)) this.#jar.delete(pair.slice(0, cut))
    else this.#jar.set(pair.slice(0, cut), pair.slice(cut + 1))
  }

  cookie(name: string): string | undefined {
    return this.#jar.get(name)
  }

  /** `fromElsewhere`: a link on another site was followed; cookies that are strict about sites stay behind. */
  async go(address: string | URL, options: { form?: URLSearchParams; fromElsewhere?: boolean } = {}): Promise<Arrival> {
    let url = new URL(address, this.#home)
    let { form } = options
    for (let hops = 0; hops < 10; hops += 1) {
      if (url.origin !== this.#home) return { status: 0, url, html: '' }
      const strict = options.fromElsewhere ? /^tl_session$/ : /^$/
      const cookie = [...this.#jar].filter(([name]) => !strict.test(name)).map((pair) => pair.join('='))
      const answer = await fetch(url, {
        redirect: 'manual',
        method: form ? 'POST' : 'GET',
        headers: { accept: 'text/html', cookie: cookie.join('; ') },
        ...(form ? { body: form } : {}),
      })
      for (const one of answer.headers.getSetCookie()) this.keep(one)
      const location = answer.headers.get('location')
      const html = await answer.text()
      if (location !== null) {
        url = new URL(location, url)
        form = undefined
        continue
      }
      const again = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(html)?.[1]
      if (again === undefined) return { status: answer.status, url, html }
      // The page itself asks for the next: from here on we are on our own site.
      url = new URL(again, url)
      options = {}
    }
    throw new Error('too many redirects')
  }

  /** Sends the form of a page with its hidden fields, its ticked boxes and whatever is given beside them. */
  async send(page: Arrival, given: Readonly<Record<string, string>>, untick: readonly string[] = []): Promise<Arrival> {
    const form = new URLSearchParams(given)
    for (const [input] of page.html.matchAll(/<input [^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1] ?? ''
      const value = (/value="([^"]*)"/.exec(input)?.[1] ?? '').replaceAll('&amp;', '&')
      if (/type="hidden"/.test(input) && !form.has(name)) form.append(name, value)
      if (/checked/.test(input) && !untick.includes(value)) form.append(name, value)
    }
    return this.go(page.url, { form })
  }
}
