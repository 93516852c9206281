import { useLocalSearchParams } from 'expo-router';
import { SourceScreen } from '../../features/predefined/source-screen.tsx';

export default function SourceRoute() {
  const { name, host } = useLocalSearchParams<{ name: string; host: string }>();
  return <SourceScreen name={name} hostId={host} />;
}
