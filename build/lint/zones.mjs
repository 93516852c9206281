// The import rules of the house. Tests stand outside some of them: they may use tools and each other's fixtures.
/** @typedef {import('./import-zones.mjs').Zone} Zone */

/**
 * @param {readonly string[]} services names of the folders in main/services
 * @returns {Zone[]}
 */
export function zonesOf(services) {
  return [
    {
      target: ['contract'],
      except: [],
      allowed: ['contract'],
      message:
        'contract/ is what both ends share: zod, @noble, @stablelib/x25519 and itself. Take what you need as an argument.',
    },
    {
      target: ['preload'],
      except: [],
      allowed: ['preload', 'contract/command-names.ts', 'contract/message-client.ts'],
      types: ['contract'],
      message:
        'From contract/ the preload takes what holds no schema (command-names.ts, message-client.ts) and types.',
    },
    {
      target: ['renderer'],
      except: [],
      allowed: ['renderer', 'contract'],
      types: ['preload'],
      message:
        'The dashboard reaches the host through HostClient (contract/client.ts); from preload/ it takes types.',
    },
    {
      target: ['mobile'],
      except: [],
      allowed: ['mobile', 'contract'],
      message: 'The phone app shares contract/ with the host and nothing else.',
    },
    {
      target: ['main/kernel'],
      except: [],
      allowed: ['main/kernel', 'contract'],
      message:
        'kernel/ knows no service. Declare a port in kernel/ports.ts and let host.ts pass the service in.',
    },
    {
      target: ['main/guard'],
      except: [],
      allowed: ['main/guard', 'main/kernel', 'contract'],
      message: 'guard/ uses contract/ and kernel/ only. Take what you need as an argument.',
    },
    {
      target: ['main/acp'],
      except: [],
      allowed: ['main/acp', 'main/guard', 'main/kernel', 'contract'],
      message: 'acp/ is a library like guard/: it knows no service. Take what you need as an argument.',
    },
    ...services.map((service) => ({
      target: [`main/services/${service}`],
      except: [],
      allowed: [`main/services/${service}`, 'main/acp', 'main/guard', 'main/kernel', 'contract'],
      message: `A service imports kernel/, guard/, acp/, contract/ and itself. Declare what else you need in ${service}/ports.ts; host.ts passes it in.`,
    })),
    {
      target: ['main/electron'],
      except: [],
      allowed: [
        'main/electron',
        'main/kernel',
        'main/host.ts',
        'main/headless.ts',
        'main/ports.node.ts',
        'contract',
      ],
      types: ['main', 'preload'],
      message: 'An entry composes the host through host.ts; from services and guard/ it may take types only.',
    },
    {
      target: ['main/cli'],
      except: ['main/cli/cli.test.ts', 'main/cli/acp-connect/connect.test.ts'],
      allowed: [
        'main/cli',
        'main/acp',
        'main/kernel',
        'main/host.ts',
        'main/headless.ts',
        'main/ports.node.ts',
        'main/version.ts',
        // What runs in the process of the command line itself, with no host.
        'main/services/audit/verify-export.ts',
        'main/services/bridge/mcp-stdio.ts',
        'main/services/agents/known-agents.ts',
        'main/services/approvals/rule-tests.ts',
        'contract',
      ],
      types: ['main'],
      message: 'An entry composes the host through host.ts; from services and guard/ it may take types only.',
    },
    {
      target: ['main'],
      except: [
        'main/electron',
        'main/cli',
        'main/headless.ts',
        'main/architecture.test.ts',
        'main/outward-writers.test.ts',
        'main/testing',
      ],
      allowed: [
        'main/services',
        'main/acp',
        'main/guard',
        'main/kernel',
        'main/host.ts',
        'main/admission.ts',
        'main/brakes.ts',
        'main/bridge-doors.ts',
        'main/host-steps.ts',
        'main/check-anchor.ts',
        'main/host-ports.ts',
        'main/task-desk.ts',
        'main/tunnel-site.ts',
        'main/crash-report.ts',
        'main/ports.node.ts',
        'main/secret-store.node.ts',
        'main/version.ts',
        'package.json',
        'contract',
      ],
      message:
        'The host knows neither the entries that run it nor an interface. What both ends need is in contract/.',
    },
  ];
}
