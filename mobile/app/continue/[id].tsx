import { useLocalSearchParams } from 'expo-router';
import { ContinueScreen } from '../../features/tasks/continue-screen.tsx';

export default function ContinueRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host: string }>();
  return <ContinueScreen id={id} hostId={host} />;
}
