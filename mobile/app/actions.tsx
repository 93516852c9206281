import { useLocalSearchParams } from 'expo-router';
import { PredefinedScreen } from '../features/predefined/predefined-screen.tsx';

export default function PredefinedRoute() {
  const { host } = useLocalSearchParams<{ host: string }>();
  return <PredefinedScreen hostId={host} />;
}
