import type { DoctorCheck } from '../../../contract/host.ts';

/** What the modes of the host act upon, in the order in which a lock-down does it. */
export interface Brakes {
  /** Agents get no new work, or get it again. */
  pauseTasks(): void;
  resumeTasks(): void;
  /** Everything that a lock-down ends. Each is tried, whatever becomes of the others. */
  lockDown(by: string): Promise<void>;
}

export interface Doctor {
  examine(): Promise<DoctorCheck[]>;
}
