import { sayDuration, type TaskPlan } from '@drover/model'
import { Mark } from '../../ui/state'

/** What will be done, before it is done. */
export function Plan({ plan, error }: { plan: TaskPlan | undefined; error: string | null }) {
  return (
    <section aria-label="Plan" className="min-h-16 rounded-md border border-line p-2">
      <h3 className="flex justify-between text-sm text-text-3">
        What will be done
        {plan?.expectedMs ? <span className="num">about {sayDuration(plan.expectedMs)}</span> : null}
      </h3>
      {plan?.warning && (
        <p className="flex items-center gap-2 text-warning">
          <Mark tone="warning" label="warning" /> {plan.warning}
        </p>
      )}
      {error ? (
        <p role="alert" className="flex items-center gap-2 text-error">
          <Mark tone="error" /> {error}
        </p>
      ) : (
        <ol className="flex flex-wrap gap-x-2 gap-y-0.5">
          {plan?.steps.map((step, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their places; a name may come twice
            <li key={i} className="flex gap-2">
              {i > 0 && (
                <span aria-hidden className="text-text-3">
                  →
                </span>
              )}
              <span>
                {step.name}
                {step.host && <span className="text-text-3"> · {step.host.name}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
