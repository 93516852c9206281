import type { Question } from './texts.ts';

/** Where the two answers lead. No page is ever there: going there is the answer. */
export const ANSWERS = { yes: 'app://ask/yes', no: 'app://ask/no' } as const;

export const ASK_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

export const ASK_STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 24px; box-sizing: border-box; height: 100vh; display: flex; flex-direction: column; }
h1 { font-size: 16px; margin: 0 0 8px; }
p { margin: 0; flex: 1; overflow-y: auto; overflow-wrap: anywhere; }
nav { display: flex; gap: 12px; justify-content: flex-end; padding-top: 16px; }
a { padding: 8px 16px; border: 1px solid #767676; border-radius: 6px; color: inherit; text-decoration: none; }
a.yes { background: #8a1f11; border-color: #8a1f11; color: #fff; }
a:focus-visible { outline: 3px solid #2f6fde; outline-offset: 2px; }
`;

/** A question or a notice as a page without a script: its answers are links. */
export function askPage(question: Omit<Question, 'yes'> & { yes: string | null }, no: string): string {
  const yes =
    question.yes === null ? '' : `<a class="yes" id="yes" href="${ANSWERS.yes}">${escape(question.yes)}</a>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(question.title)}</title><link rel="stylesheet" href="app://ask/style.css"></head>
<body role="alertdialog" aria-labelledby="title" aria-describedby="body">
<h1 id="title">${escape(question.title)}</h1>
<p id="body">${escape(question.body)}</p>
<nav><a id="no" href="${ANSWERS.no}" autofocus>${escape(no)}</a>${yes}</nav>
</body>
</html>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
