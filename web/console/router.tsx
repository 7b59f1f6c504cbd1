// The pages of the console by their paths. A page is lazy unless most visits
// need it; its place in the navigation is a line in nav.tsx.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Missing } from "./pages/missing";
import { sessionsSearch, usersSearch } from "./people/search";
import { Shell } from "./shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });

const at = { getParentRoute: () => root };

const page = <M extends Record<string, unknown>, K extends keyof M & string>(path: string, load: () => Promise<M>, name: K) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name) as never });

const routes = [
  page("/", () => import("./pages/overview"), "Overview"),
  page("/audit", () => import("./pages/audit"), "Audit"),
  page("/roles", () => import("./pages/roles"), "Roles"),
  page("/mail", () => import("./pages/mail"), "Outbox"),
  page("/health", () => import("./pages/health"), "Health"),
  page("/settings", () => import("./pages/settings"), "Settings"),
  page("/import", () => import("./pages/import"), "Import"),
  page("/export", () => import("./pages/export"), "Export"),
  createRoute({ ...at, path: "/users", validateSearch: usersSearch, component: lazyRouteComponent(() => import("./people/users"), "Users") }),
  createRoute({ ...at, path: "/approvals", component: lazyRouteComponent(() => import("./people/approvals"), "Approvals") }),
  createRoute({
    ...at,
    path: "/registrations",
    validateSearch: (raw: Record<string, unknown>): { token?: string } => (typeof raw.token === "string" ? { token: raw.token } : {}),
    component: lazyRouteComponent(() => import("./people/from-mail"), "FromMail"),
  }),
  createRoute({ ...at, path: "/invitations", component: lazyRouteComponent(() => import("./people/invitations"), "Invitations") }),
  createRoute({ ...at, path: "/sessions", validateSearch: sessionsSearch, component: lazyRouteComponent(() => import("./people/sessions"), "Sessions") }),
  createRoute({ ...at, path: "/locks", component: lazyRouteComponent(() => import("./people/locks"), "Locks") }),
];

export const router = createRouter({ routeTree: root.addChildren(routes), basepath: "/admin", defaultPreload: "intent", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
