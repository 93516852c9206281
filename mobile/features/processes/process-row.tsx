import { useRouter } from 'expo-router';
import type { FigureView, ProcessView } from '../../host/process-views.ts';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { ProcessBadge, standingOf, usedBy } from './process-marks.tsx';

/** One process of a list; leads to its page. */
export function ProcessRow(props: {
  hostId: string;
  process: ProcessView;
  figure: FigureView | undefined;
  now: number;
  /** Up to when the state of the host is known. */
  known: number;
}) {
  const router = useRouter();
  const { figure, hostId, known, now, process } = props;
  const line = [...standingOf(process, now, known), ...usedBy(figure)].join(' · ');
  return (
    <ListRow
      title={visible(process.name)}
      {...(line !== '' && { subtitle: line })}
      badges={<ProcessBadge state={process.state} />}
      hint={t.processes.open}
      onPress={() => {
        router.push({ pathname: '/process/[name]', params: { name: process.id, host: hostId } });
      }}
    />
  );
}
