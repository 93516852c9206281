import { useLocalSearchParams } from 'expo-router';
import { ProcessScreen } from '../../features/processes/process-screen.tsx';

export default function ProcessRoute() {
  const { name, host } = useLocalSearchParams<{ name: string; host: string }>();
  return <ProcessScreen name={name} hostId={host} />;
}
