import { useLocalSearchParams } from 'expo-router';
import { AgentScreen } from '../../features/sessions/agent-screen.tsx';

export default function AgentRoute() {
  const { name, host } = useLocalSearchParams<{ name: string; host: string }>();
  return <AgentScreen name={name} hostId={host} />;
}
