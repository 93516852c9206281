import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { ApprovalView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { CheckRow } from '../../ui/check-row.tsx';
import { visible } from '../../ui/code.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import type { SimilarGroup } from '../approvals/similar.ts';

/** What is chosen: questions of one group only, so that one look can compare them. */
export interface Selection {
  readonly group: string;
  readonly ids: ReadonlySet<string>;
}

export const noSelection: Selection = { group: '', ids: new Set() };

/** Ticks or unticks one question; a tick in another group begins anew there. */
export function toggled(selection: Selection, group: string, id: string): Selection {
  if (selection.group !== group) return { group, ids: new Set([id]) };
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { group, ids };
}

function Group(props: {
  group: SimilarGroup;
  selection: Selection;
  onChange: (selection: Selection) => void;
}) {
  const { group, onChange, selection } = props;
  const { key, members } = group;
  const [first] = members;
  const from = ({ agent, hostName, workspace }: ApprovalView): string =>
    visible(t.inbox.from(agent, workspace, hostName));
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="heading" heading>
        {t.inbox.similar(members.length, first ? from(first) : '')}
      </Words>
      {members.map((approval) => (
        <CheckRow
          key={approval.id}
          title={visible(approval.title)}
          subtitle={from(approval)}
          checked={selection.group === key && selection.ids.has(approval.id)}
          onToggle={() => {
            onChange(toggled(selection, key, approval.id));
          }}
        />
      ))}
      <Button
        label={t.inbox.selectAlike(members.length)}
        onPress={() => {
          onChange({ group: key, ids: new Set(members.map(({ id }) => id)) });
        }}
      />
    </View>
  );
}

/** Questions that are alike, to be ticked and then looked at together. */
export function SelectionScreen(props: {
  groups: readonly SimilarGroup[];
  selection: Selection;
  onChange: (selection: Selection) => void;
  onReview: () => void;
  onEnd: () => void;
}) {
  const { groups, onChange, selection } = props;
  const group = groups.find(({ key }) => key === selection.group);
  const chosen = group?.members.filter(({ id }) => selection.ids.has(id)).length ?? 0;
  const footer = (
    <View style={{ gap: spacing.sm }}>
      <Button
        kind="primary"
        label={chosen === 0 ? t.inbox.none : t.inbox.review(chosen)}
        disabled={chosen === 0}
        onPress={props.onReview}
      />
      <Button label={t.inbox.endSelect} onPress={props.onEnd} />
    </View>
  );
  return (
    <Screen footer={footer}>
      <Words size="caption">{t.inbox.selectHint}</Words>
      {groups.map((one) => (
        <Group key={one.key} group={one} selection={selection} onChange={onChange} />
      ))}
    </Screen>
  );
}
