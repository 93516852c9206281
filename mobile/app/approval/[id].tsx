import { useLocalSearchParams } from 'expo-router';
import { ApprovalScreen } from '../../features/approvals/approval-screen.tsx';

export default function ApprovalRoute() {
  const { id, host } = useLocalSearchParams<{ id: string; host?: string }>();
  return <ApprovalScreen id={id} hostId={host} />;
}
