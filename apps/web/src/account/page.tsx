import { KeyRound } from 'lucide-react'
import { PageHead } from '../ui/page-head'
import { ApiKeys } from './api-keys'
import { OwnPassword } from './own-password'

/** One's own password and API keys. */
export function AccountPage() {
  return (
    <>
      <PageHead icon={KeyRound} title="Password and API keys" />
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 xl:grid-cols-[minmax(300px,420px)_1fr]">
        <OwnPassword />
        <ApiKeys />
      </div>
    </>
  )
}
