// What a browser does for the official client outside a browser: cookies, the
// headers that no script may set, links from mails, and a window with a page.
import { parseHTML } from 'linkedom';
import { send, header, Jar } from './http.mjs';

/** One device: its cookies go with every request to the server at `base`. */
export class Browser {
  constructor(base, userAgent) {
    this.base = base;
    this.userAgent = userAgent;
    this.jar = new Jar();
    this.fetch = this.fetch.bind(this);
  }

  /** the client's customFetchImpl: the platform's own fetch, from a page at `base` */
  async fetch(input, init = {}) {
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set('user-agent', this.userAgent);
    headers.set('sec-fetch-site', 'same-origin');
    if (request.method !== 'GET' && request.method !== 'HEAD') headers.set('origin', this.base);
    const cookies = this.jar.header();
    if (cookies) headers.set('cookie', cookies);
    const response = await fetch(request, { headers });
    this.jar.store(response.headers.getSetCookie());
    return response;
  }

  /** follow a link as a click in a mail does, to the first page outside `api`; its URL */
  async open(link, api) {
    for (let url = new URL(link), hops = 0; hops < 10; hops++) {
      if (!url.href.startsWith(api)) return url;
      const headers = [['user-agent', this.userAgent], ['accept', 'text/html'], ['sec-fetch-site', 'none'], ['sec-fetch-mode', 'navigate'], ['sec-fetch-dest', 'document']];
      const response = await send(url.href, { headers: [...headers, ['cookie', this.jar.header()]] });
      this.jar.store(header(response.headers, 'set-cookie'));
      const [next] = header(response.headers, 'location');
      if (!next) throw new Error(`${url.pathname} answered ${response.status} and leads nowhere: ${response.body}`);
      url = new URL(next, url);
    }
    throw new Error(`${link} redirects without end`);
  }

  /** whether a cookie holds a session */
  get signedIn() {
    return this.jar.find('session_token') !== undefined;
  }
}

/** Make this process look like a page, which both the client (it asks the server
 *  by itself only where there is a window) and React's DOM renderer need. */
export function openWindow() {
  const { window, document } = parseHTML('<!doctype html><html><body></body></html>');
  globalThis.window = window;
  globalThis.document = document;
}
