// The texts of the pages that come after the first load.
import texts from "texts:pages";
import { addTexts } from "ui/i18n";

await addTexts(texts);
