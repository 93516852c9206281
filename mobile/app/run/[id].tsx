import { useLocalSearchParams } from 'expo-router';
import { RunScreen } from '../../features/predefined/run-screen.tsx';

export default function RunRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host: string }>();
  return <RunScreen id={id} hostId={host} />;
}
