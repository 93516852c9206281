import type { Reply } from '../../contract/errors.ts';
import type { Texts } from './texts.ts';
import type { TrayAction } from './tray-menu.ts';
import type { Asker } from './ask.ts';

export interface TrayActionDeps {
  readonly texts: Texts;
  readonly ask: Asker;
  call(name: string, input: unknown): Promise<Reply>;
  open(route: string): void;
  copy(text: string): void;
  startAtLogin(on: boolean): void;
  quit(): void;
}

/** Does what a click in the menu means: raising a mode asks first, and a refusal is shown, never swallowed. */
export function createTrayActions(deps: TrayActionDeps): (action: TrayAction) => Promise<void> {
  const { texts, ask } = deps;

  async function act(action: TrayAction): Promise<void> {
    switch (action.kind) {
      case 'open':
        deps.open(action.route);
        return;
      case 'copy':
        deps.copy(action.text);
        return;
      case 'start-at-login':
        deps.startAtLogin(action.on);
        return;
      case 'quit':
        deps.quit();
        return;
      case 'call': {
        if (action.ask !== null && !(await ask.confirm(action.ask))) return;
        const reply = await deps.call(action.name, action.input);
        if (!reply.ok) await ask.tell(texts.notice.refused, reply.error.message);
      }
    }
  }

  return async (action) => {
    try {
      await act(action);
    } catch (error) {
      await ask.tell(texts.notice.refused, error instanceof Error ? error.message : String(error));
    }
  };
}
