// The pages of the console by their paths. A page is lazy unless most visits
// need it; its place in the navigation is a line in nav.tsx.
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { Missing } from "./pages/missing";
import { Overview } from "./pages/overview";
import { Shell } from "./shell";

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });

const routes = [createRoute({ getParentRoute: () => root, path: "/", component: Overview })];

export const router = createRouter({ routeTree: root.addChildren(routes), basepath: "/admin", defaultPreload: "intent", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
