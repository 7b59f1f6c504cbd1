// Which page is at which path: auth/pages/NAME.tsx is the page /auth/NAME, its
// default export. The server learns the names from the build, so any other
// path is a real 404. Only the sign-in page comes with the first load.
import { lazy, Suspense, type ComponentType } from "react";
import { Frame } from "./layout";
import { Missing } from "./missing";
import SignIn from "./pages/sign-in";
import { usePath } from "./route";

type Module = { default: ComponentType };

const files = import.meta.glob<Module>(["./pages/*.tsx", "!./pages/sign-in.tsx"]);
const pages: Record<string, ComponentType> = { "/auth/sign-in": SignIn };
for (const [file, load] of Object.entries(files)) {
  pages[file.replace(/^\.\/pages\/(.*)\.tsx$/, "/auth/$1")] = lazy(load);
}
const Account = lazy(() => import("./account/app"));

export function App() {
  const path = usePath();
  if (path === "/account" || path.startsWith("/account/")) {
    return (
      <Suspense>
        <Account />
      </Suspense>
    );
  }
  const Page = pages[path] ?? Missing;
  return (
    <Frame>
      <Suspense>
        <Page key={path} />
      </Suspense>
    </Frame>
  );
}
