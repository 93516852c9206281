import { AgentsScreen } from '../../features/sessions/agents-screen.tsx';

export default AgentsScreen;
