import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Argv } from '../../ui/parts.tsx';
import { argvOf } from './argv-line.ts';

const t = en.processes;
const RESTARTS = ['never', 'on-failure', 'always'] as const;

/** Starts one program, with the tokens in view that the operating system will be handed. */
export function NewProcess({ onClose }: { onClose: () => void }) {
  const folders = useHostState((state) => state.workspaces);
  const [name, setName] = useState('');
  const [line, setLine] = useState('');
  const [cwd, setCwd] = useState(Object.values(folders)[0]?.path ?? '');
  const [port, setPort] = useState('');
  const [restart, setRestart] = useState<(typeof RESTARTS)[number]>('on-failure');
  const { actions } = useHost();
  const argv = argvOf(line);
  const portNumber = port.trim() === '' ? null : Number(port);
  const portIsWrong =
    portNumber !== null && !(Number.isInteger(portNumber) && portNumber > 0 && portNumber < 65_536);
  const nameIsWrong = name !== '' && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name);
  const incomplete =
    name === '' || nameIsWrong || cwd.trim() === '' || portIsWrong || argv === null || argv.length === 0;

  async function start(): Promise<void> {
    if (incomplete) return;
    const input = { name, argv, cwd: cwd.trim(), port: portNumber, restart: { mode: restart } };
    const result = await actions.run('process.run', 'supervisor.run', input, {
      what: t.create,
      done: t.started(name),
    });
    if (result?.ok) goTo('processes', name);
  }
  return (
    <Dialog title={t.create} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <TextInput
          label={t.name}
          autoFocus
          required
          value={name}
          error={nameIsWrong ? t.nameRule : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t.command}
          description={t.commandHint}
          required
          value={line}
          error={argv === null ? t.openQuote : undefined}
          onChange={(event) => setLine(event.currentTarget.value)}
        />
        {argv !== null && argv.length > 0 && <Argv argv={argv} />}
        <TextInput
          label={t.folder}
          required
          value={cwd}
          onChange={(event) => setCwd(event.currentTarget.value)}
        />
        <div className="columns">
          <NativeSelect
            label={t.restart}
            value={restart}
            onChange={(event) =>
              setRestart(RESTARTS.find((mode) => mode === event.currentTarget.value) ?? 'never')
            }
            data={RESTARTS.map((value) => ({ value, label: t.restartModes[value] }))}
          />
          <TextInput
            label={t.port}
            description={t.optional}
            inputMode="numeric"
            value={port}
            error={portIsWrong ? t.portRule : undefined}
            onChange={(event) => setPort(event.currentTarget.value)}
          />
        </div>
        <div className="buttons">
          <span className="spacer" />
          <ActionButton
            action="process.run"
            variant="filled"
            disabled={incomplete}
            onClick={() => void start()}
          >
            {t.verbs.start}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
