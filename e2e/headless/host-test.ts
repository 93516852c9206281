import { onTestFinished } from 'vitest';
import { tempHome, tempRepository } from '../support/folders.ts';
import { serve, type Served } from '../support/serve.ts';

/** A home that is gone when the test is. */
export function testHome(config?: string): string {
  const { path, remove } = tempHome(config);
  onTestFinished(remove);
  return path;
}

/** A git repository that is gone when the test is. */
export function testRepository(files: Readonly<Record<string, string>>): string {
  const { path, remove } = tempRepository(files);
  onTestFinished(remove);
  return path;
}

/** A headless host that has ended when the test has. */
export async function testServe(home: string): Promise<Served> {
  const served = await serve(home);
  onTestFinished(served.dispose);
  return served;
}
