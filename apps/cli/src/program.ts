import { Command, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { alarmCommands } from './alarm/commands'
import { backtestCommands } from './backtest/commands'
import { benchCommands } from './bench/commands'
import { clusterCommands } from './cluster/commands'
import { runs } from './context'
import { datacenterCommands } from './datacenter/commands'
import { datastoreCommands } from './datastore/commands'
import { decisionCommands } from './decision/commands'
import { eventCommands } from './event/commands'
import { exitCodes } from './exit'
import { fenceCommands } from './fence/commands'
import { hostCommands } from './host/commands'
import { incidentCommands } from './incident/commands'
import { keyCommands } from './key/commands'
import { networkCommands } from './network/commands'
import { sayTime } from './output/quantity'
import { planCommands } from './plan/commands'
import { ruleCommands } from './rule/commands'
import { scenarioCommands } from './scenario/commands'
import { sessionCommands } from './session/commands'
import { shadowCommands } from './shadow/commands'
import { taskCommands } from './task/commands'
import { thresholdCommands } from './threshold/commands'
import { usageCommands } from './usage/commands'
import { userCommands } from './user/commands'
import { vmCommands } from './vm/commands'

const help = `
Environment:
  DROVER_SERVER   address of the dashboard; http://localhost:8080 unless signed in elsewhere
  DROVER_TOKEN    an API key, instead of drover login

Exit codes:
  0 done   1 the task failed   2 wrong command line   3 refused, with every reason
  4 no such object, or several of that name   5 no answer, or not signed in   6 cancelled`

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command('drover')
    .description('Drover from the command line: the verbs of the dashboard.')
    .addOption(
      new Option('-o, --output <format>', 'how to print results').choices(['table', 'json']).default('table'),
    )
    .addHelpText('after', help)
    .showSuggestionAfterError()
  sessionCommands(program)
  vmCommands(program)
  hostCommands(program)
  clusterCommands(program)
  datacenterCommands(program)
  datastoreCommands(program)
  networkCommands(program)
  ruleCommands(program)
  thresholdCommands(program)
  decisionCommands(program)
  usageCommands(program)
  backtestCommands(program)
  shadowCommands(program)
  fenceCommands(program)
  incidentCommands(program)
  alarmCommands(program)
  taskCommands(program)
  eventCommands(program)
  userCommands(program)
  keyCommands(program)
  scenarioCommands(program)
  planCommands(program)
  benchCommands(program)
  program
    .command('version')
    .description('of this program and of the server')
    .action(
      runs(async ({ api, out, server }) => {
        const about = await api.system.about.query().catch(() => null)
        out.one({ drover: manifest.version, server: about }, [
          ['drover', manifest.version],
          [
            'server',
            about ? `${about.version} at ${server}` : `${server} does not answer, or you are not signed in`,
          ],
          [
            'daemon',
            about && `${about.daemon}, leads in term ${about.term}, up since ${sayTime(about.startedAt)}`,
          ],
          ['database', about?.database],
        ])
      }),
    )
  exitWith(program)
  return program
}

/** Commander's own complaints (unknown option, missing argument) end with our code for them. */
function exitWith(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage))
  for (const child of command.commands) exitWith(child)
}
