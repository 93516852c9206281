import * as z from 'zod';

export const ProcessName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a process name is 1 to 63 lower-case letters, digits or "-"');
