import { useLocalSearchParams } from 'expo-router';
import { LogSearchScreen } from '../features/processes/log-search-screen.tsx';

export default function LogSearchRoute() {
  const { host, name } = useLocalSearchParams<{ host: string; name?: string }>();
  return <LogSearchScreen hostId={host} name={name ?? null} />;
}
