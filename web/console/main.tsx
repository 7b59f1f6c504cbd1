import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import texts from "texts:common+console";
import { addTexts, Languages } from "ui/i18n";
import "ui/mark.svg";
import { Refusal } from "./client";
import { router } from "./router";
import "./main.css";

// Parts that write a style of their own may, with the page's nonce.
setNonce(document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")!.nonce);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: (times, fault) => times < 2 && !(fault instanceof Refusal && fault.status >= 400 && fault.status < 500) } },
});

await addTexts(texts);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Languages>
        <RouterProvider router={router} />
      </Languages>
    </QueryClientProvider>
  </StrictMode>,
);
