import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import texts from "texts:common+auth";
import { boot } from "ui/boot";
import { addTexts, Languages } from "ui/i18n";
import "ui/mark.svg";
import { App } from "./app";
import "./main.css";

const Acting = lazy(() => import("ui/acting"));

await addTexts(texts);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Languages>
      <App />
      {boot.acting && (
        <Suspense>
          <Acting />
        </Suspense>
      )}
    </Languages>
  </StrictMode>,
);
