import { useLocalSearchParams } from 'expo-router';
import { ProcessesScreen } from '../features/processes/processes-screen.tsx';

export default function ProcessesRoute() {
  const { host } = useLocalSearchParams<{ host: string }>();
  return <ProcessesScreen hostId={host} />;
}
