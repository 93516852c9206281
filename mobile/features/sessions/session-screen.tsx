import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import type { TimelineEntry } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code } from '../../ui/code.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { Field } from '../../ui/field.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { OfflineBanner } from '../hosts/link-badge.tsx';
import { SessionBadge } from './session-badge.tsx';

function Entry({ entry, agent, now }: { entry: TimelineEntry; agent: string; now: number }) {
  const who = {
    you: t.session.you,
    agent,
    tool: t.session.tool,
    plan: t.session.plan,
    diff: t.session.diff,
    note: t.session.note,
  };
  return (
    <Card>
      <Words size="caption">{`${who[entry.kind]} · ${ago(t, entry.at, now)}`}</Words>
      {entry.kind === 'diff' && <DiffView diff={entry.text} />}
      {entry.kind === 'tool' && <Code lines={entry.text.split('\n')} />}
      {entry.kind !== 'diff' && entry.kind !== 'tool' && <Words selectable>{entry.text}</Words>}
    </Card>
  );
}

function ReplyBar(props: {
  enabled: boolean;
  canStop: boolean;
  onReply: (text: string) => void;
  onStop: () => void;
}) {
  const [text, setText] = useState('');
  const ready = props.enabled && text.trim() !== '';
  return (
    <>
      <Field label={t.session.reply} value={text} onChange={setText} maxLength={16_000} />
      <View style={{ flexDirection: 'row', gap: spacing.md, justifyContent: 'flex-end' }}>
        {props.canStop && (
          <Button icon="stop" label={t.session.stop} disabled={!props.enabled} onPress={props.onStop} />
        )}
        <Button
          kind="primary"
          label={t.session.send}
          disabled={!ready}
          onPress={() => {
            props.onReply(text.trim());
            setText('');
          }}
        />
      </View>
    </>
  );
}

/** One session: what was said and done, a reply, stop. */
export function SessionScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const now = useNow(30_000);
  const { delivery, act, busy } = useAction();
  const host = hosts?.find(
    (item) => (hostId === undefined || item.id === hostId) && item.sessions.some((s) => s.id === id),
  );
  const session = host?.sessions.find((item) => item.id === id);
  if (!host || !session) {
    return (
      <Screen fixed>{hosts ? <EmptyState icon="agents" title={t.common.gone} /> : <LoadingState />}</Screen>
    );
  }
  const enabled = host.link.kind === 'online' && host.scopes.includes('submit') && !busy;
  const target = { hostId: host.id, sessionId: session.id };
  const footer = (
    <ReplyBar
      enabled={enabled}
      canStop={session.status === 'working' || session.status === 'waiting'}
      onReply={(text) => {
        act({ kind: 'reply', ...target, text });
      }}
      onStop={() => {
        act({ kind: 'stop-session', ...target });
      }}
    />
  );
  const banner = (
    <>
      <OfflineBanner host={host} />
      <DeliveryNote delivery={delivery} />
    </>
  );
  return (
    <Screen banner={banner} footer={footer}>
      <Words size="title" heading>
        {session.title}
      </Words>
      <SessionBadge status={session.status} />
      {session.timeline.length === 0 && <Words>{t.session.empty}</Words>}
      {session.timeline.map((entry) => (
        <Entry key={entry.id} entry={entry} agent={session.agent} now={now} />
      ))}
    </Screen>
  );
}
