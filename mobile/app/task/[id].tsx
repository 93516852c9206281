import { useLocalSearchParams } from 'expo-router';
import { TaskScreen } from '../../features/tasks/task-screen.tsx';

export default function TaskRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host?: string }>();
  return <TaskScreen id={id} hostId={host} />;
}
