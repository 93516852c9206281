import { useLocalSearchParams } from 'expo-router';
import { LogScreen } from '../../features/processes/log-screen.tsx';

export default function LogRoute() {
  const { name, host, line } = useLocalSearchParams<{ name: string; host: string; line?: string }>();
  const number = line !== undefined && /^\d{1,15}$/.test(line) ? Number(line) : undefined;
  return <LogScreen name={name} hostId={host} line={number} />;
}
