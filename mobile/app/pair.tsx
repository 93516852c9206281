import { PairScreen } from '../features/pairing/pair-screen.tsx';

export default PairScreen;
