/** Everything that the tray, its questions and its notifications say. Numbers and names are arguments. */
export const texts = {
  appName: 'Signalbox',
  status: {
    starting: 'Starting…',
    idle: 'Nothing is running',
    running: (count: number) => `${count} running`,
    needsYou: (count: number) => (count === 1 ? '1 needs you' : `${count} need you`),
    exposed: 'tunnel is open',
    paused: 'agents are paused',
    lockedDown: 'locked down',
    problem: 'something is wrong',
  },
  risk: ['harmless', 'low risk', 'medium risk', 'high risk', 'critical'],
  menu: {
    review: 'Review…',
    needsYou: (risk: string) => `Needs you: ${risk}`,
    more: (count: number) => `${count} more…`,
    allowOnce: 'Allow once',
    deny: 'Deny',
    newTask: 'New task…',
    processes: 'Processes',
    noProcesses: 'No processes yet',
    allProcesses: 'All processes…',
    start: 'Start',
    stop: 'Stop',
    restart: 'Restart',
    showLog: 'Show log',
    tunnel: 'Tunnel',
    tunnelOff: 'Off',
    tunnelQuick: 'Quick, for 8 hours',
    tunnelNamed: 'Named…',
    copyAddress: 'Copy address',
    closesIn: (left: string) => `Closes in ${left}`,
    bash: 'Bash mode',
    bashModes: { off: 'Off', safe: 'Safe', full: 'Full' },
    bridge: 'MCP bridge',
    writeModes: { off: 'Write: off', handoff: 'Write: hand over', workspace: 'Write: workspace' },
    remote: 'ACP remote',
    remoteOff: 'Off',
    noAgents: 'No agents found',
    pair: 'Pair a phone…',
    pause: 'Pause all agents',
    resume: 'Let agents go on',
    unlock: 'End the lock-down…',
    lockDown: 'Lock down',
    open: 'Open dashboard',
    startAtLogin: 'Start at login',
    quit: 'Quit',
  },
  left: {
    minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
    hours: (count: number) => `about ${count} hours`,
  },
  ask: {
    cancel: 'Cancel',
    understood: 'OK',
    bashFull: {
      title: 'Turn on full Bash mode?',
      body: 'Connected MCP clients may then ask to run any command in your workspaces, not only the read-only table. You are asked each time, and commands run in a sandbox where this system has one.',
      yes: 'Turn on full mode',
    },
    writeWorkspace: {
      title: 'Let MCP clients change files?',
      body: 'Connected MCP clients may then ask to write and edit files in your workspaces. Blocked paths stay blocked, and every write is on record.',
      yes: 'Turn on writing',
    },
    tunnelOpen: {
      title: 'Open a tunnel to the internet?',
      body: 'For 8 hours, everybody who learns the address can reach the MCP endpoint, the phone app and its encrypted channel of this computer. They still need a token or a paired device to get in.',
      yes: 'Open the tunnel',
    },
    remoteServe: (agent: string) => ({
      title: `Serve ${agent} over ACP?`,
      body: 'Clients with an access token may then start this agent in your workspaces and talk to it.',
      yes: 'Serve it',
    }),
    unlock: {
      title: 'End the lock-down?',
      body: 'Agents get work again and phones may connect again. Tunnels and the ACP remote stay off until you open them.',
      yes: 'End the lock-down',
    },
    quit: (what: string) => ({
      title: 'Quit Signalbox?',
      body: `This stops ${what}.`,
      yes: 'Stop and quit',
    }),
    external: (host: string) => ({
      title: 'Open a web page?',
      body: `This opens ${host} in your browser.`,
      yes: 'Open it',
    }),
  },
  running: {
    tasks: (count: number) => (count === 1 ? '1 task' : `${count} tasks`),
    processes: (count: number) => (count === 1 ? '1 process' : `${count} processes`),
    and: ' and ',
  },
  notice: {
    refused: 'That was refused',
    taken: {
      title: 'A host runs already',
      body: (root: string) =>
        `For ${root} a host runs without a window. Open its dashboard in a browser: \`npx signalbox status\` prints the address. Stop that host first to use the tray app.`,
    },
    failed: 'Signalbox cannot start',
  },
  notify: {
    approval: (risk: string) => `Needs you: ${risk}`,
    approvals: (count: number) => `${count} approvals need you`,
    device: 'A device asks to be paired',
    body: 'Click to review.',
  },
  launch: {
    remoteDebugging: 'Signalbox does not run with a debugging port or inspector open.',
    noSandbox: 'Signalbox does not run without the sandbox around its windows; leave out --no-sandbox.',
  },
} as const;

export type Texts = typeof texts;
/** A question with one way to say yes. */
export interface Question {
  readonly title: string;
  readonly body: string;
  readonly yes: string;
}
