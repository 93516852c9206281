import { useRouter } from 'expo-router';
import { t } from '../../texts/t.ts';
import { EmptyState } from '../../ui/empty-state.tsx';

/** What every tab shows before the first pairing. */
export function NoHost() {
  const router = useRouter();
  return (
    <EmptyState
      icon="signal"
      title={t.noHost.title}
      text={t.noHost.text}
      action={{
        label: t.noHost.action,
        onPress: () => {
          router.push('/pair');
        },
      }}
    />
  );
}
