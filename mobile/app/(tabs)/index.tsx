import { InboxScreen } from '../../features/inbox/inbox-screen.tsx';

export default InboxScreen;
