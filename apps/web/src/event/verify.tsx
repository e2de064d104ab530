import { useMutation } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { toast } from 'sonner'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { Button } from '../ui/button'

/** Has the hash chain over all of history recomputed, and says what came of it. */
export function VerifyButton() {
  const check = useMutation({
    mutationFn: () => api.event.verify.query(),
    onSuccess: (answer) => {
      if (answer.ok) {
        toast.success('History is whole', {
          description: `All ${answer.events.toLocaleString('en')} events are there, in order and unchanged.`,
          duration: 12_000,
        })
      } else {
        toast.error('History has been changed', {
          description: `At event ${answer.brokenAtSeq}: ${answer.why}. Keep a copy of the database and look at who could reach it.`,
          duration: Number.POSITIVE_INFINITY,
        })
      }
    },
    onError: (error) => toast.error('Could not verify the history', { description: sayError(error) }),
  })
  return (
    <Button icon={ShieldCheck} busy={check.isPending} onClick={() => check.mutate()}>
      {check.isPending ? 'Verifying…' : 'Verify history'}
    </Button>
  )
}
