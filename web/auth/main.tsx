import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import texts from "texts:common+auth";
import { addTexts, Languages } from "ui/i18n";
import "ui/mark.svg";
import { App } from "./app";
import "./main.css";

await addTexts(texts);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Languages>
      <App />
    </Languages>
  </StrictMode>,
);
