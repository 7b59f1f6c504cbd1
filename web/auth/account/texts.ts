// The texts of the account pages.
import texts from "texts:account";
import { addTexts } from "ui/i18n";

await addTexts(texts);
