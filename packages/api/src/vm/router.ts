import { router } from '../trpc'
import { change } from './change'
import { changeAutomation } from './changeAutomation'
import { changeHa } from './changeHa'
import { create } from './create'
import { remove } from './delete'
import { list } from './list'
import { migrate } from './migrate'
import { migrationTargets } from './migrationTargets'
import { placements } from './placements'
import { reboot } from './reboot'
import { reset } from './reset'
import { resume } from './resume'
import { setDesired } from './setDesired'
import { show } from './show'
import { shutdown } from './shutdown'
import { start } from './start'
import { stop } from './stop'
import { suspend } from './suspend'
import { whyNot } from './whyNot'

export const vm = router({
  list,
  show,
  placements,
  create,
  change,
  changeAutomation,
  changeHa,
  setDesired,
  delete: remove,
  start,
  shutdown,
  stop,
  reboot,
  reset,
  suspend,
  resume,
  migrationTargets,
  migrate,
  whyNot,
})
