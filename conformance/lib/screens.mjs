// Two pages that show who is signed in and are never told to look again: one
// on the plain client's session store, one on the React client's hook.
// Import it once there is a window: React looks for one when it loads.
import { createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { createAuthClient as createPlainClient } from 'better-auth/client';
import { createAuthClient as createReactClient } from 'better-auth/react';

const describe = ({ data, error, isPending }) => {
  if (error) return `error ${error.status ?? error.message}`;
  if (isPending) return 'loading';
  if (!data) return 'signed out';
  const { name, email, emailVerified, image } = data.user;
  return `${name} <${email}> ${emailVerified ? 'verified' : 'unverified'}${image ? ` ${image}` : ''}`;
};

class Screen {
  /** what the page reads once it reads `expected`, or after `ms` */
  async reads(expected, ms = 3000) {
    const end = Date.now() + ms;
    while (this.text() !== expected && Date.now() < end) await new Promise((r) => setTimeout(r, 5));
    return this.text();
  }
}

class PlainScreen extends Screen {
  loads = 1;
  constructor(client) {
    super();
    this.close = client.useSession.subscribe((state) => (this.shown = describe(state)));
  }
  text() {
    return this.shown;
  }
}

class ReactScreen extends Screen {
  /** how often the page was built: more than one is a reload */
  loads = 0;
  constructor(client) {
    super();
    const Page = () => {
      const session = client.useSession();
      useEffect(() => void this.loads++, []);
      return createElement('p', null, describe(session));
    };
    this.element = document.body.appendChild(document.createElement('main'));
    const root = createRoot(this.element);
    root.render(createElement(Page));
    this.close = () => root.unmount();
  }
  text() {
    return this.element.textContent;
  }
}

/** the official client's entry points, each with the page that its users write */
export const CLIENTS = {
  'better-auth/client': { create: createPlainClient, Screen: PlainScreen },
  'better-auth/react': { create: createReactClient, Screen: ReactScreen },
};
