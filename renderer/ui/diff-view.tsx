import { useState } from 'react';
import { en } from '../texts/en.ts';
import type { DiffModel, DiffRow } from './diff-model.ts';
import { SafeText } from './safe-text.tsx';

const FIRST_ROWS = 400;

/** A diff with signs as well as colours. Long ones are shown in part, and say so. */
export function DiffView({ path, model }: { path: string; model: DiffModel }) {
  const [all, setAll] = useState(false);
  const rows = all ? model.rows : model.rows.slice(0, FIRST_ROWS);
  return (
    <figure className="diff" aria-label={en.diff.label(path)}>
      <figcaption>
        <code>
          <SafeText text={path} />
        </code>
        <span className="diff-count">
          <span data-tone="ok">+{model.added}</span> <span data-tone="danger">−{model.removed}</span>
        </span>
      </figcaption>
      <div className="diff-body" tabIndex={0} role="region" aria-label={en.diff.label(path)}>
        <table>
          <tbody>
            {rows.map((row, i) => (
              <Row key={i} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length < model.rows.length && (
        <button type="button" className="plain-button" onClick={() => setAll(true)}>
          {en.diff.more(model.rows.length - rows.length)}
        </button>
      )}
    </figure>
  );
}

function Row({ row }: { row: DiffRow }) {
  if (row.sign === '…') {
    return (
      <tr className="diff-skip">
        <td colSpan={4}>{en.diff.skipped(row.skipped)}</td>
      </tr>
    );
  }
  return (
    <tr data-sign={row.sign}>
      <td className="diff-number">{row.before}</td>
      <td className="diff-number">{row.after}</td>
      <td className="diff-sign">{row.sign === '-' ? '−' : row.sign}</td>
      <td className="diff-text">
        <SafeText text={row.text} keep={'\t'} />
      </td>
    </tr>
  );
}
