import { useRouter } from 'expo-router';
import { t } from '../texts/t.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Screen } from '../ui/screen.tsx';

export default function NotFound() {
  const router = useRouter();
  const open = (): void => {
    router.replace('/');
  };
  return (
    <Screen fixed>
      <EmptyState
        icon="question"
        title={t.common.notFound}
        action={{ label: t.common.home, onPress: open }}
      />
    </Screen>
  );
}
