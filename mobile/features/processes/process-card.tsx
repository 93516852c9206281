import { useRouter } from 'expo-router';
import { knownAt } from '../../host/known-at.ts';
import { byNeed } from '../../host/process-view.ts';
import { useFigures } from '../../host/use-figures.ts';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { ProcessRow } from './process-row.tsx';

/** So many stand on the tab of the hosts; the others are one press away. */
const SHOWN = 4;

/** The processes of a host that need somebody most, and the way to all that runs there. */
export function ProcessCard({ host }: { host: HostView }) {
  const router = useRouter();
  const online = host.link.kind === 'online';
  const count = host.processes.length;
  const figures = useFigures(host.id, online && count > 0);
  const now = useNow(1000);
  const of = figures?.kind === 'ready' ? figures.of : undefined;
  return (
    <Card title={t.processes.title}>
      {count === 0 && <Words>{t.processes.none}</Words>}
      {byNeed(host.processes)
        .slice(0, SHOWN)
        .map((process) => (
          <ProcessRow
            key={process.id}
            hostId={host.id}
            process={process}
            figure={of?.get(process.id)}
            now={now}
            known={knownAt(host.link, now)}
          />
        ))}
      {count > 0 && count <= SHOWN && (
        <Button
          label={t.logs.searchAll}
          onPress={() => {
            router.push({ pathname: '/log-search', params: { host: host.id } });
          }}
        />
      )}
      <Button
        label={count > SHOWN ? t.processes.all(count) : t.parts.show}
        onPress={() => {
          router.push({ pathname: '/processes', params: { host: host.id } });
        }}
      />
    </Card>
  );
}
