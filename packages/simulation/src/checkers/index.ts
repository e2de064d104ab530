import { asked } from './asked'
import { awake } from './awake'
import { blame } from './blame'
import { budgets } from './budgets'
import { calm } from './calm'
import type { Checker } from './checker'
import { desired } from './desired'
import { durableFirst } from './durable-first'
import { fencedTruth } from './fenced-truth'
import { guestCounter } from './guest-counter'
import { healthy } from './healthy'
import { history } from './history'
import { home } from './home'
import { inVain } from './in-vain'
import { limits } from './limits'
import { liveness } from './liveness'
import { maintenance } from './maintenance'
import { nothingLost } from './nothing-lost'
import { oneHome } from './one-home'
import { oneWriter } from './one-writer'
import { pauses } from './pauses'
import { proof } from './proof'
import { recorded } from './recorded'
import { replicas } from './replicas'
import { rules } from './rules'
import { selfFence } from './self-fence'
import { settles } from './settles'
import { storm } from './storm'
import { story } from './story'
import { thresholds } from './thresholds'
import { toAndFro } from './to-and-fro'
import { wholeDisk } from './whole-disk'

export * from './checker'
export { leftovers } from './leftovers'

/** One fresh set for a run: some remember what they saw. */
export function allCheckers(): Checker[] {
  return [
    oneHome(),
    oneWriter(),
    wholeDisk(),
    guestCounter(),
    history(),
    durableFirst(),
    nothingLost(),
    limits(),
    home(),
    blame(),
    replicas(),
    calm(),
    story(),
    storm(),
    selfFence(),
    rules(),
    proof(),
    maintenance(),
    liveness(),
    healthy(),
    fencedTruth(),
    desired(),
    recorded(),
    budgets(),
    thresholds(),
    asked(),
    toAndFro(),
    pauses(),
    settles(),
    awake(),
    inVain(),
  ]
}
