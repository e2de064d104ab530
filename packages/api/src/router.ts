import { alarm } from './alarm/router'
import { apiKey } from './apiKey/router'
import { backtest } from './backtest/router'
import { cluster } from './cluster/router'
import { datacenter } from './datacenter/router'
import { decision } from './decision/router'
import { event } from './event/router'
import { fence } from './fence/router'
import { host } from './host/router'
import { incident } from './incident/router'
import { inventory } from './inventory/router'
import { rule } from './rule/router'
import { session } from './session/router'
import { shadow } from './shadow/router'
import { system } from './system/router'
import { task } from './task/router'
import { threshold } from './threshold/router'
import { router } from './trpc'
import { usage } from './usage/router'
import { user } from './user/router'
import { vm } from './vm/router'

/** Everything that can be asked of Drover: the dashboard and the CLI have no other way in. */
export const appRouter = router({
  session,
  system,
  inventory,
  datacenter,
  cluster,
  host,
  vm,
  rule,
  threshold,
  decision,
  usage,
  backtest,
  shadow,
  fence,
  incident,
  alarm,
  task,
  event,
  user,
  apiKey,
})

export type AppRouter = typeof appRouter
