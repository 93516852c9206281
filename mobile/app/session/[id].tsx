import { useLocalSearchParams } from 'expo-router';
import { SessionScreen } from '../../features/sessions/session-screen.tsx';

export default function SessionRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host: string }>();
  return <SessionScreen id={id} hostId={host} />;
}
