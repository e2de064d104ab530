import type { DecisionId, LoadDecision } from '@drover/model'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow } from '../replica/hooks'
import { Confirm } from '../ui/confirm'

/** Before a recommendation is put aside. */
export function DismissDialog({ decisionId }: { decisionId: DecisionId }) {
  const decision: LoadDecision | undefined = useRow('decision', decisionId)
  if (!decision) return null
  return (
    <Confirm
      title={`Dismiss the recommendation of ${decision.by.name}`}
      about={`${decision.text} Nothing moves. While the cause lasts it is recommended again later.`}
      label="Dismiss it"
      why="Optional; kept with the decision."
      run={(reason) =>
        act(`dismiss the recommendation of ${decision.by.name}`, () =>
          api.decision.dismiss.mutate({ decisionId, ...(reason ? { reason } : {}) }),
        )
      }
      onClose={closeDialog}
    />
  )
}
