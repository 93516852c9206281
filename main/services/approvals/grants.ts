import { Grant } from '../../../contract/approvals.ts';
import type { GrantId } from '../../../contract/ids.ts';
import type { ApprovalScope } from '../../../contract/action.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { RiskLevel } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { text, type Database } from '../../kernel/database.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';

const ALWAYS_MS = 7 * 24 * 3_600_000;
const ALWAYS_USES = 200;
const SESSION_MS = 12 * 3_600_000;

/** Programs that run whatever they are told to: remembering one is remembering everything. */
const RUNNERS = new Set(
  (
    'sh bash zsh dash ash ksh csh tcsh fish busybox pwsh env xargs parallel sudo doas su nice ionice setsid stdbuf timeout ' +
    'nohup time watch flock strace gdb find awk gawk mawk git npx pnpx bunx bun deno tsx ts-node uv uvx pipx make ' +
    'java jshell osascript ssh docker podman chroot unshare nsenter systemd-run'
  ).split(' '),
);
/** Interpreters, which often carry their version in the name. */
const INTERPRETER = /^(python|pypy|node|perl|ruby|php|lua|luajit|tclsh|Rscript)[\d.]*$/;
/** Programs that do what their verb says, but run anything for one of these verbs. */
const VERB_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  git: [],
  npm: ['exec', 'x'],
  pnpm: ['exec', 'dlx'],
  yarn: ['exec', 'dlx', 'node'],
};

function runsAnything(program: string): boolean {
  return RUNNERS.has(program) || INTERPRETER.test(program);
}

/**
 * Whether a command, or everything that begins like this, can run whatever it is told to. Git and the package managers
 * are judged by their verb: without one, or with options before it, they are as open as a shell.
 */
export function isRunner(argv: readonly string[]): boolean {
  const program = argv[0]?.split('/').at(-1) ?? '';
  const openVerbs = Object.hasOwn(VERB_PROGRAMS, program) ? VERB_PROGRAMS[program] : undefined;
  if (openVerbs === undefined) return runsAnything(program);
  const verb = argv[1];
  return verb === undefined || verb.startsWith('-') || openVerbs.includes(verb);
}

/** Which answers may be remembered for an action. High risk and wide-open commands are asked every time. */
export function rememberableScopes(
  facts: ActionFacts,
  risk: RiskLevel,
  hasSession: boolean,
): ApprovalScope[] {
  const program = facts.exec?.argv[0]?.split('/').at(-1) ?? null;
  const open = facts.exec !== null && (facts.exec.sandbox === 'none' || facts.exec.sandbox === 'ws+net');
  // A path that reads as a glob would be remembered as more than itself.
  const globbed = pathsOf(facts).some((path) => /[*?]/.test(path));
  const never =
    risk >= 3 ||
    open ||
    globbed ||
    facts.kind === 'net' ||
    facts.kind === 'tool' ||
    (program !== null && runsAnything(program));
  if (never) return ['once'];
  return hasSession ? ['once', 'session', 'always'] : ['once', 'always'];
}

export interface Grants {
  inForce(sessionKey: string | null): Grant[];
  list(): Grant[];
  remember(scope: 'session' | 'always', facts: ActionFacts, sessionKey: string | null, by: string): Grant;
  use(id: string): void;
  revoke(id: GrantId): boolean;
  revokeOf(grantedBy: string): void;
}

/** Remembered answers: for a session in memory, "always" on the disk and never longer than a week. */
export function createGrants(deps: {
  db: Database;
  clock: Clock;
  random: RandomSource;
  publish(event: HostEvent): void;
}): Grants {
  const { db, clock, random, publish } = deps;
  const grants = new Map<string, { grant: Grant; sessionKey: string | null }>();
  for (const row of db.all('SELECT body FROM grants')) {
    const grant = Grant.parse(JSON.parse(text(row, 'body')));
    grants.set(grant.id, { grant, sessionKey: null });
  }

  function drop(id: string): boolean {
    const known = grants.get(id);
    if (!known) return false;
    grants.delete(id);
    db.run('DELETE FROM grants WHERE id = ?', id);
    publish({ type: 'grant.removed', grantId: known.grant.id });
    return true;
  }

  function save(grant: Grant, sessionKey: string | null): void {
    grants.set(grant.id, { grant, sessionKey });
    if (grant.scope === 'always') {
      db.run('INSERT OR REPLACE INTO grants (id, body) VALUES (?, ?)', grant.id, JSON.stringify(grant));
    }
    publish({ type: 'grant.changed', grant });
  }

  function dropExpired(): void {
    const now = instant(clock.now());
    for (const { grant } of grants.values())
      if (grant.expiresAt <= now || grant.usesLeft === 0) drop(grant.id);
  }

  return {
    list() {
      dropExpired();
      return [...grants.values()].map(({ grant }) => grant);
    },
    inForce(sessionKey) {
      dropExpired();
      return [...grants.values()]
        .filter(
          (entry) =>
            entry.grant.scope === 'always' || (sessionKey !== null && entry.sessionKey === sessionKey),
        )
        .map(({ grant }) => grant);
    },
    remember(scope, facts, sessionKey, by) {
      const now = clock.now();
      const grant = Grant.parse({
        id: random.id(),
        scope,
        when: exactly(facts),
        grantedBy: by,
        createdAt: instant(now),
        expiresAt: instant(now + (scope === 'always' ? ALWAYS_MS : SESSION_MS)),
        usesLeft: ALWAYS_USES,
      });
      save(grant, scope === 'session' ? sessionKey : null);
      return grant;
    },
    use(id) {
      const known = grants.get(id);
      if (known) save({ ...known.grant, usesLeft: known.grant.usesLeft - 1 }, known.sessionKey);
    },
    revoke: drop,
    revokeOf(grantedBy) {
      for (const { grant } of grants.values()) if (grant.grantedBy === grantedBy) drop(grant.id);
    },
  };
}

/** The narrowest condition that still covers the same thing done again: these paths, this argv, this agent. */
function exactly(facts: ActionFacts): Grant['when'] {
  const paths = pathsOf(facts);
  return {
    kind: [facts.kind],
    ...(facts.workspaceId !== null && { workspace: [facts.workspaceId] }),
    ...(facts.agent !== null && { agent: [facts.agent] }),
    ...(paths.length > 0 && { pathIn: paths }),
    ...(facts.exec && { argv: facts.exec.argv, argvWhole: true, sandbox: [facts.exec.sandbox] }),
  };
}

function pathsOf(facts: ActionFacts): string[] {
  return [...new Set([...facts.paths, ...facts.writes.map((write) => write.path)])];
}
