// Which page is at which path. web.AuthPages in web/pages.go lists the same
// paths, so that any other is a real 404.
import { Suspense, type ComponentType } from "react";
import { Frame } from "./layout";
import { usePath } from "./route";
import { Missing } from "./pages/missing";
import { SignIn } from "./pages/sign-in";

const pages: Record<string, ComponentType> = {
  "/auth/sign-in": SignIn,
};

export function App() {
  const Page = pages[usePath()] ?? Missing;
  return (
    <Frame>
      <Suspense>
        <Page />
      </Suspense>
    </Frame>
  );
}
