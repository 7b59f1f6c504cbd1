// The texts of the pages about people, once for all of them.
import texts from "texts:people";
import { addTexts } from "ui/i18n";

await addTexts(texts);
