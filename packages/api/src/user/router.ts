import { router } from '../trpc'
import { changePassword } from './changePassword'
import { changeRole } from './changeRole'
import { create } from './create'
import { list } from './list'
import { remove } from './remove'
import { resetPassword } from './resetPassword'

export const user = router({ list, create, changeRole, resetPassword, remove, changePassword })
