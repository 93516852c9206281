import { useLocalSearchParams } from 'expo-router';
import { PartScreen } from '../../features/processes/part-screen.tsx';

export default function PartRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host: string }>();
  return <PartScreen id={id} hostId={host} />;
}
