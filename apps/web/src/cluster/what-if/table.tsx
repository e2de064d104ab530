import { sayDuration, sayRefusal, type WhatIf, type WhatIfVm } from '@drover/model'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { Scroll } from '../../ui/scroll'
import { Mark, State } from '../../ui/state'
import { byName } from '../../ui/table/column'
import { Reasons } from '../../ui/tooltip'

const head = 'px-2 font-medium first:pl-3 last:pr-3'

/** For each VM where it would run and after how long, or why not; what stays down first. */
export function WhatIfTable({ answer }: { answer: WhatIf }) {
  const rows = [...answer.vms].sort(
    (a, b) => group(a) - group(b) || (a.afterMs ?? 0) - (b.afterMs ?? 0) || byName(a.vm, b.vm),
  )
  if (rows.length === 0) return <p className="px-3 py-2 text-text-3">No VM would be touched.</p>
  return (
    <Scroll label="What would become of each VM">
      <table className="w-full min-w-[620px]" aria-label="VMs, if it died now">
        <thead>
          <tr className="h-8 border-b border-line-strong text-left text-sm text-text-3">
            <th className={head}>VM</th>
            <th className={head}>Tier</th>
            <th className={head}>From</th>
            <th className={head}>Runs again on</th>
            <th className={`${head} text-right`}>After</th>
            <th className={head}>Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.vm.id} row={row} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** Without a place, then restarted, then left alone on purpose. */
function group(row: WhatIfVm): number {
  return row.note !== null && row.target === null ? 2 : row.target === null ? 0 : 1
}

function Row({ row }: { row: WhatIfVm }) {
  const kind = group(row)
  return (
    <tr className="h-8 border-b border-line align-top last:border-0 [&>td]:py-1.5">
      <td className="px-2 pl-3">
        <Link href={paths.object(row.vm.id)} className="font-medium">
          {row.vm.name}
        </Link>
      </td>
      <td className="num px-2">{row.tier}</td>
      <td className="px-2 text-text-2">{row.from.name}</td>
      <td className="whitespace-nowrap px-2">
        {row.target ? (
          <Link href={paths.object(row.target.id)}>{row.target.name}</Link>
        ) : (
          <State tone={kind === 0 ? 'error' : 'off'} word={kind === 0 ? 'nowhere' : 'left alone'} />
        )}
      </td>
      <td className="num whitespace-nowrap px-2 text-right">
        {row.afterMs === null ? '–' : sayDuration(row.afterMs)}
      </td>
      <td className={kind === 0 ? 'px-2 pr-3 text-error' : 'px-2 pr-3 text-text-2'}>
        {row.why.length > 0 ? <Reasons reasons={row.why.map(sayRefusal)} /> : row.note}
        {kind === 0 && row.why.length === 0 && <Mark tone="error" label="no place" />}
      </td>
    </tr>
  )
}
