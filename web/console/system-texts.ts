// The texts of the pages about the system, which come with the first of them.
import texts from "texts:system";
import { addTexts } from "ui/i18n";

await addTexts(texts);
