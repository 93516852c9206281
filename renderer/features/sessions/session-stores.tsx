import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { OwnStore } from '../../../contract/sessions.ts';
import { useHost, usePending, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Answer } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { storeMark } from './session-marks.ts';

const t = en.sessions;

/** Which stores of agents are read. Each is off until a person says otherwise. */
export function SessionStores({ onClose }: { onClose: () => void }) {
  const [version, setVersion] = useState(0);
  const query = useQuery('sessions.discover', {}, version);
  const { actions } = useHost();
  const pending = usePending('sessions.readOwn');
  const choose = async (stores: OwnStore[]) => {
    await actions.run(
      'sessions.readOwn',
      'sessions.readOwn',
      { stores },
      { what: t.stores, done: t.storesSet },
    );
    setVersion((before) => before + 1);
  };
  return (
    <Dialog title={t.stores} onClose={onClose}>
      <p className="muted">{t.storesLead}</p>
      <Answer query={query} onRetry={() => setVersion((before) => before + 1)}>
        {({ stores, notices }) => {
          const on = stores.filter(({ state }) => state !== 'off').map(({ store }) => store);
          return (
            <ul className="session-stores" aria-label={t.stores}>
              {stores.map(({ store, state, sessions, leftOut }) => (
                <li key={store} className="line-top">
                  <Checkbox
                    aria-label={t.storeName(store)}
                    label={store}
                    checked={on.includes(store)}
                    disabled={pending}
                    onChange={(event) =>
                      void choose(
                        event.currentTarget.checked ? [...on, store] : on.filter((one) => one !== store),
                      )
                    }
                  />
                  <span>
                    <StateMark mark={storeMark(state)} />{' '}
                    {state === 'read' && <span className="muted">{t.storeCounts(sessions, leftOut)}</span>}
                  </span>
                </li>
              ))}
              {notices.map((notice) => (
                <li key={`${notice.store} ${notice.code}`} className="muted">
                  <SafeText text={notice.message} />
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </Dialog>
  );
}
