import { en } from '../../../texts/en.ts';
import { argvOf } from '../argv-line.ts';
import type { Fault, Faults, Field } from './faults.ts';

const t = en.processForm;
const wrong = (text: string): Fault => ({ text, isMissing: false });
const missing = (text: string): Fault => ({ text, isMissing: true });

/** Reads fields one by one and keeps what is wrong with them. */
export interface FieldReader {
  readonly faults: Faults;
  required(field: Field, text: string): string;
  argv(field: Field, line: string): string[];
  /** Undefined for an empty field. @param scale 1000 reads seconds as milliseconds, as the host takes them */
  number(field: Field, text: string, limits: Limits): number | undefined;
  lines(field: Field, text: string, most: number): string[];
  hold(field: Field, text: string): void;
}

export interface Limits {
  /** In the unit of the field. */
  readonly from: number;
  readonly to: number;
  readonly scale?: 1000;
}

export function createFieldReader(): FieldReader {
  const faults: Faults = {};
  return {
    faults,
    required(field, text) {
      if (text.trim() === '') faults[field] = missing(t.required);
      return text.trim();
    },
    argv(field, line) {
      const argv = argvOf(line);
      if (argv === null) faults[field] = wrong(t.openQuote);
      else if (argv.length === 0) faults[field] = missing(t.required);
      return argv ?? [];
    },
    number(field, text, { from, to, scale }) {
      if (text.trim() === '') return undefined;
      const typed = Number(text);
      const value = scale ? Math.round(typed * scale) : typed;
      if (!Number.isInteger(value) || typed < from || typed > to) {
        faults[field] = wrong(scale ? t.secondsRule(from, to) : t.countRule(from, to));
      }
      return value;
    },
    lines(field, text, most) {
      const lines = text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      if (lines.length > most) faults[field] = wrong(t.linesRule(most));
      else if (lines.some((line) => line.length > 1024)) faults[field] = wrong(t.lineRule);
      return lines;
    },
    hold(field, text) {
      faults[field] = wrong(text);
    },
  };
}
