import { getLocales } from 'expo-localization';
import { en } from './en.ts';

/** What every language provides: the same keys, the same parameters. */
export type Texts = typeof en;

/** Language code (ISO 639) -> catalogue. A language is added by its file and its line here. */
const catalogues: Readonly<Record<string, Texts>> = { en };

/** The first catalogue that the person's list of languages asks for, else English. */
export function chooseTexts(languages: readonly (string | null)[]): Texts {
  for (const language of languages) {
    const found = language === null ? undefined : catalogues[language];
    if (found) return found;
  }
  return en;
}

/** The texts of the app in the language of the device, read once at start. */
export const t: Texts = chooseTexts(getLocales().map((locale) => locale.languageCode));
