// The texts of the pages that the terminal and mails lead to.
import texts from "texts:links";
import { addTexts } from "ui/i18n";

await addTexts(texts);
