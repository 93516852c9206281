import type { ReactNode } from 'react';
import { en } from '../texts/en.ts';
import { Card } from './parts.tsx';

/** A card that is one table: named columns, and one more without a name for what can be done to a row. */
export function TableCard({ columns, children }: { columns: readonly string[]; children: ReactNode }) {
  return (
    <Card flush>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
            <th>
              <span className="visually-hidden">{en.common.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Card>
  );
}
